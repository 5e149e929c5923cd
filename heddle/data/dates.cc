#include "heddle/data/dates.h"

#include <chrono>
#include <string>
#include <string_view>
#include <unordered_set>

#include "heddle/base/error.h"
#include "heddle/data/date_language.h"

namespace heddle::data {
namespace {

constexpr int64_t kMostTraining = 500000, kMostHeldOut = 20000;
constexpr int kFirstYear = 1970, kYears = 100;

// Only a-z: what else a language has stays, so that no table is needed.
std::string in_small_letters(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

struct Place {
  std::string_view name;
  std::string text;
};

// The phrase with its {places} filled in.
std::string fill(std::string_view phrase, const std::vector<Place>& places) {
  std::string text;
  for (size_t at = 0; at < phrase.size();) {
    if (phrase[at] != '{') {
      text += phrase[at++];
      continue;
    }
    const size_t end = phrase.find('}', at);
    const std::string_view name = phrase.substr(at + 1, end - at - 1);
    for (const Place& place : places)
      if (place.name == name) text += place.text;
    at = end + 1;
  }
  return text;
}

template <class List>
const auto& pick(const List& list, RandomStream& random) {
  return list[random.below(list.size())];
}

std::string two_digits(int value) { return fmt::format("{:02}", value); }

std::string ordinal(const DateLanguage& language, int day) {
  if (day == 1) return std::string(language.first_ordinal);
  if (language.tag != "en") return std::to_string(day);
  const bool teen = day >= 11 && day <= 13;
  const char* ending = teen ? "th" : day % 10 == 1 ? "st" : day % 10 == 2 ? "nd" : day % 10 == 3 ? "rd" : "th";
  return std::to_string(day) + ending;
}

TextPair draw_date(const DateLanguage& language, RandomStream& random) {
  using namespace std::chrono;
  const sys_days first = year(kFirstYear) / January / 1;
  const sys_days end = year(kFirstYear + kYears) / January / 1;
  const sys_days date = first + days(random.below(static_cast<uint64_t>((end - first).count())));
  const year_month_day parts(date);
  const int y = static_cast<int>(parts.year());
  const unsigned m = static_cast<unsigned>(parts.month()), d = static_cast<unsigned>(parts.day());
  const int month = static_cast<int>(m), day = static_cast<int>(d);
  const std::string text =
      fill(pick(language.dates, random), {{"d", std::to_string(day)},
                                          {"dd", two_digits(day)},
                                          {"ordinal", ordinal(language, day)},
                                          {"m", std::to_string(month)},
                                          {"mm", two_digits(month)},
                                          {"month", std::string(language.months[m - 1])},
                                          {"mon", std::string(language.short_months[m - 1])},
                                          {"y", std::to_string(y)},
                                          {"yy", two_digits(y % 100)},
                                          {"weekday", std::string(language.weekdays[weekday(date).c_encoding()])}});
  return {text, fmt::format("{}-{:02}-{:02}", y, month, day)};
}

// "five to three": the hours are said on a dial of twelve, the part of the day tells the half.
std::string clock_phrase(const DateLanguage& language, int hour, int minute) {
  const auto dial = [&](int h) { return std::string(language.hours[static_cast<size_t>((h + 11) % 12)]); };
  const bool full_one = minute == 0 && hour % 12 == 1;
  return fill(language.clock[static_cast<size_t>(minute / 5)],
              {{"h", full_one ? std::string(language.full_hour_one) : dial(hour)}, {"n", dial(hour + 1)}});
}

std::string day_part(const DateLanguage& language, int hour) {
  std::string_view name;
  for (const DayPart& part : language.parts)
    if (part.from_hour <= hour) name = part.name;
  return std::string(name);
}

constexpr int kMinutesOfDay = 1440;

std::string time_answer(int time) { return two_digits(time / 60) + ":" + two_digits(time % 60); }

// "am" or "a.m."; one of the two for times after noon.
std::string half_of_day(int hour, RandomStream& random) {
  constexpr std::string_view kHalves[2][2] = {{"am", "a.m."}, {"pm", "p.m."}};
  return std::string(kHalves[hour / 12][random.below(2)]);
}

TextPair draw_time(const DateLanguage& language, RandomStream& random) {
  const TimePhrase& phrase = pick(language.times, random);
  const int time = static_cast<int>(random.below(kMinutesOfDay)) / phrase.step * phrase.step;
  const int hour = time / 60;
  const std::string text = fill(phrase.text, {{"H", std::to_string(hour)},
                                              {"HH", two_digits(hour)},
                                              {"MM", two_digits(time % 60)},
                                              {"h12", std::to_string((hour + 11) % 12 + 1)},
                                              {"half", half_of_day(hour, random)},
                                              {"noon", std::string(time == 0 ? language.midnight : language.noon)}});
  return {text, time_answer(time)};
}

TextPair draw_clock_time(const DateLanguage& language, RandomStream& random) {
  const int time = static_cast<int>(random.below(kMinutesOfDay / 5)) * 5;
  const int hour = time / 60;
  const std::string text = fill(pick(language.clock_times, random), {{"clock", clock_phrase(language, hour, time % 60)},
                                                                     {"half", half_of_day(hour, random)},
                                                                     {"part", day_part(language, hour)}});
  return {text, time_answer(time)};
}

// 1250 → "1,250" with the language's mark.
std::string with_thousands(const std::string& digits, std::string_view mark) {
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += mark;
    text += digits[i];
  }
  return text;
}

TextPair draw_number(const DateLanguage& language, size_t unit, RandomStream& random) {
  constexpr int kMostDigits = 4, kMostDecimals = 2;
  std::string whole, decimals;
  for (uint64_t digit = 0, n = 1 + random.below(kMostDigits); digit < n; ++digit)
    whole += static_cast<char>('0' + (digit == 0 && n > 1 ? 1 + random.below(9) : random.below(10)));
  for (uint64_t left = random.below(kMostDecimals + 1); left > 0; --left)
    decimals += static_cast<char>('0' + (left == 1 ? 1 + random.below(9) : random.below(10)));
  const bool marked = random.below(2) == 0;
  std::string written = marked ? with_thousands(whole, language.thousands_mark) : whole;
  if (!decimals.empty()) written += language.decimal_mark + decimals;
  const std::string text =
      fill(pick(std::array<std::string_view, 3>{"{number} {sign}", "{number}{sign}", "{number} {unit}"}, random),
           {{"number", written}, {"sign", std::string(kUnitSigns[unit])}, {"unit", std::string(language.units[unit])}});
  return {text, whole + (decimals.empty() ? "" : "." + decimals) + " " + std::string(kUnitSigns[unit])};
}

TextPair draw_count(const DateLanguage& language, size_t unit, RandomStream& random) {
  const uint64_t count = random.below(language.counts.size());
  const bool half = unit + 1 < kUnits && random.below(2) == 0;
  const std::string text =
      fill(half ? language.count_and_half : "{count} {unit}",
           {{"count", std::string(language.counts[count])}, {"unit", std::string(language.units[unit])}});
  return {text, fmt::format("{}{} {}", count + 2, half ? ".5" : "", kUnitSigns[unit])};
}

enum class DateSplit : uint8_t { train, valid, test };

// A date is held out in every language and style; what remains, in the words that say it. Whether
// letters are small makes no difference, so that no text is trained on in one way and tested in the
// other.
// Noon and midnight have words of their own, which can only be learned by heart.
DateSplit date_split_of(const TextPair& pair) {
  if (pair.target == "00:00" || pair.target == "12:00") return DateSplit::train;
  constexpr uint64_t kShares = 25;  // one for validation, one for the test
  const bool is_date = pair.target.size() == 10 && pair.target[4] == '-';
  const std::string key = is_date ? pair.target : in_small_letters(pair.source);
  const uint64_t share = mix64(site_id(key)) % kShares;
  return share == 0 ? DateSplit::test : share == 1 ? DateSplit::valid : DateSplit::train;
}

void check_size(const char* name, int64_t lines, int64_t most) {
  if (lines < 1 || lines > most)
    fail_input("{} lines of {} text were asked for; choose from 1 to {}", lines, name, most);
}

}  // namespace

TextPair draw_date_expression(RandomStream& random) {
  const DateLanguage& language = pick(date_languages(), random);
  TextPair pair;
  switch (random.below(8)) {
    case 0: pair = draw_time(language, random); break;
    case 1:
    case 2: pair = draw_clock_time(language, random); break;
    case 3: pair = draw_number(language, random.below(kUnits), random); break;
    case 4: pair = draw_count(language, random.below(kUnits), random); break;
    default: pair = draw_date(language, random);
  }
  const bool small_letters = random.below(8) == 0;
  if (small_letters) pair.source = in_small_letters(std::move(pair.source));
  pair.source = std::string(language.tag) + ": " + pair.source;
  return pair;
}

DatesTask make_dates(const DatesSizes& sizes, uint64_t seed) {
  check_size("training", sizes.train, kMostTraining);
  check_size("validation", sizes.valid, kMostHeldOut);
  check_size("test", sizes.test, kMostHeldOut);
  DatesTask task;
  RandomStream random(RandomKey{.seed = seed}.at("data.dates"));
  std::unordered_set<std::string> asked;
  const auto full = [](const std::vector<TextPair>& split, int64_t lines) { return std::ssize(split) >= lines; };
  while (!full(task.train, sizes.train) || !full(task.valid, sizes.valid) || !full(task.test, sizes.test)) {
    TextPair pair = draw_date_expression(random);
    const DateSplit place = date_split_of(pair);
    if (place == DateSplit::train) {
      if (!full(task.train, sizes.train)) task.train.push_back(std::move(pair));
      continue;
    }
    auto& split = place == DateSplit::test ? task.test : task.valid;
    const int64_t lines = place == DateSplit::test ? sizes.test : sizes.valid;
    if (!full(split, lines) && asked.insert(pair.source).second) split.push_back(std::move(pair));
  }
  return task;
}

}  // namespace heddle::data
