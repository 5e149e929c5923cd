#include "heddle/data/dates.h"

#include <array>
#include <chrono>
#include <set>

#include "heddle/base/error.h"

namespace heddle::data {
namespace {

enum Language { kEnglish, kGerman, kFrench, kSpanish };

constexpr std::array<std::array<const char*, 12>, 4> kMonths = {{
    {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
    {"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"},
    {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
    {"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"}}};
constexpr std::array<const char*, 12> kEnglishShort = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<const char*, 13> kEnglishHours = {"", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"};
constexpr std::array<const char*, 13> kGermanHours = {"", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"};

struct Unit {
  const char* symbol;
  std::array<const char*, 4> name;
};
constexpr std::array<Unit, 4> kUnits = {{{"km", {"kilometers", "Kilometer", "kilomètres", "kilómetros"}},
                                         {"kg", {"kilograms", "Kilogramm", "kilogrammes", "kilogramos"}},
                                         {"l", {"liters", "Liter", "litres", "litros"}},
                                         {"m", {"meters", "Meter", "mètres", "metros"}}}};

// Of ten values one is tested on and one validates.
Split split_of(uint64_t kind, uint64_t value) {
  const uint64_t bucket = mix64(mix64(kind) ^ value) % 10;
  return bucket == 0 ? Split::test : bucket == 1 ? Split::valid : Split::train;
}

uint64_t value_in(RandomStream& random, Split split, uint64_t kind, uint64_t count) {
  for (;;)
    if (const uint64_t value = random.below(count); split_of(kind, value) == split) return value;
}

const char* ordinal_ending(unsigned day) {
  if (day / 10 == 1) return "th";
  return day % 10 == 1 ? "st" : day % 10 == 2 ? "nd" : day % 10 == 3 ? "rd" : "th";
}

TextPair date_example(RandomStream& random, Split split) {
  using namespace std::chrono;
  constexpr uint64_t kDays = 73049;  // 1900-01-01 to 2099-12-31
  const year_month_day date(sys_days(year(1900) / January / 1) + days(value_in(random, split, 1, kDays)));
  const unsigned d = static_cast<unsigned>(date.day()), m = static_cast<unsigned>(date.month());
  const int y = static_cast<int>(date.year());
  const auto month = [&](Language language) { return kMonths[language][m - 1]; };
  std::string text;
  switch (random.below(14)) {
    case 0: text = fmt::format("{} {}, {}", month(kEnglish), d, y); break;
    case 1: text = fmt::format("{} {} {}", d, month(kEnglish), y); break;
    case 2: text = fmt::format("{} {}{}, {}", month(kEnglish), d, ordinal_ending(d), y); break;
    case 3: text = fmt::format("the {}{} of {} {}", d, ordinal_ending(d), month(kEnglish), y); break;
    case 4: text = fmt::format("{} {}, {}", kEnglishShort[m - 1], d, y); break;
    case 5: text = fmt::format("{}. {} {}", d, month(kGerman), y); break;
    case 6: text = fmt::format("{}.{}.{}", d, m, y); break;
    case 7: text = fmt::format("am {:02}.{:02}.{}", d, m, y); break;
    case 8: text = fmt::format("{} {} {}", d == 1 ? "1er" : std::to_string(d), month(kFrench), y); break;
    case 9: text = fmt::format("le {} {} {}", d == 1 ? "1er" : std::to_string(d), month(kFrench), y); break;
    case 10: text = fmt::format("{} de {} de {}", d, month(kSpanish), y); break;
    case 11: text = fmt::format("el {} de {} de {}", d, month(kSpanish), y); break;
    case 12: text = fmt::format("{}/{}/{}", y, m, d); break;
    default: text = fmt::format("{} {:02} {}", y, d, month(kEnglish)); break;
  }
  return {text, fmt::format("{:04}-{:02}-{:02}", y, m, d)};
}

TextPair spoken_time(RandomStream& random) {
  const auto hour = static_cast<int>(random.below(24));
  const int twelve = (hour + 11) % 12 + 1, next = twelve % 12 + 1;
  const char* english = hour < 12 ? "in the morning" : "in the afternoon";
  const char* german = hour < 12 ? "vormittags" : "nachmittags";
  switch (random.below(6)) {
    case 0: return {fmt::format("half past {} {}", kEnglishHours[twelve], english), fmt::format("{:02}:30", hour)};
    case 1: return {fmt::format("quarter past {} {}", kEnglishHours[twelve], english), fmt::format("{:02}:15", hour)};
    case 2: return {fmt::format("{} o'clock {}", kEnglishHours[twelve], english), fmt::format("{:02}:00", hour)};
    case 3: return {fmt::format("halb {} {}", kGermanHours[next], german), fmt::format("{:02}:30", hour)};
    case 4: return {fmt::format("Viertel nach {} {}", kGermanHours[twelve], german), fmt::format("{:02}:15", hour)};
    default: return {fmt::format("{} Uhr {}", kGermanHours[twelve], german), fmt::format("{:02}:00", hour)};
  }
}

TextPair time_example(RandomStream& random, Split split) {
  if (split == Split::train && random.below(4) == 0) return spoken_time(random);
  const auto minute_of_day = static_cast<int>(value_in(random, split, 2, 24 * 60));
  const int h = minute_of_day / 60, min = minute_of_day % 60, twelve = (h + 11) % 12 + 1;
  std::string text;
  switch (random.below(7)) {
    case 0: text = fmt::format("{}:{:02} {}", twelve, min, h < 12 ? "am" : "pm"); break;
    case 1: text = fmt::format("{}.{:02} {}", twelve, min, h < 12 ? "a.m." : "p.m."); break;
    case 2: text = fmt::format("{} Uhr {}", h, min); break;
    case 3: text = fmt::format("{}:{:02} Uhr", h, min); break;
    case 4: text = fmt::format("{}h{:02}", h, min); break;
    case 5: text = fmt::format("{} heures {}", h, min); break;
    default: text = fmt::format("las {}:{:02}", h, min); break;
  }
  return {text, fmt::format("{:02}:{:02}", h, min)};
}

// 12345 → "12,345" with the language's separator.
std::string grouped(uint64_t number, const char* separator) {
  std::string digits = std::to_string(number);
  for (auto at = static_cast<long>(digits.size()) - 3; at > 0; at -= 3) digits.insert(static_cast<size_t>(at), separator);
  return digits;
}

TextPair quantity_example(RandomStream& random, Split split) {
  const uint64_t value = value_in(random, split, 3, 100000);  // tenths below 1,000, or whole numbers
  const auto language = static_cast<Language>(random.below(4));
  const Unit& unit = kUnits[random.below(kUnits.size())];
  const bool english = language == kEnglish;
  std::string number, normal;
  if (value < 10000) {
    number = fmt::format("{}{}{}", value / 10, english ? "." : ",", value % 10);
    normal = fmt::format("{}.{}", value / 10, value % 10);
  } else {
    number = random.below(2) ? grouped(value, english ? "," : language == kFrench ? " " : ".") : std::to_string(value);
    normal = std::to_string(value);
  }
  return {number + " " + unit.name[language], normal + " " + unit.symbol};
}

}  // namespace

TextPair random_date_example(RandomStream& random, Split split) {
  const uint64_t kind = random.below(10);
  if (kind < 6) return date_example(random, split);
  return kind < 8 ? time_example(random, split) : quantity_example(random, split);
}

std::vector<TextPair> date_examples(uint64_t seed, Split split, int64_t count) {
  RandomStream random(RandomKey{.seed = seed}.at("data.dates"), static_cast<uint64_t>(split));
  std::vector<TextPair> examples;
  std::set<std::string> seen;
  // The spaces of valid and test hold far more than is asked for; the bound only keeps a wild request finite.
  for (int64_t tries = 0; std::ssize(examples) < count && tries < 100 * count + 1000; ++tries) {
    TextPair example = random_date_example(random, split);
    if (split == Split::train || seen.insert(example.source).second) examples.push_back(std::move(example));
  }
  if (std::ssize(examples) < count) fail_input("the demo has fewer than {} different examples; ask for fewer", count);
  return examples;
}

}  // namespace heddle::data
