#pragma once
// How six languages write dates, times and quantities: phrases with places to fill in.
//
// Places in a phrase are names in braces:
//   dates       {d} 9, {dd} 09, {ordinal} 9th, {m} 3, {mm} 03, {month} March, {mon} Mar, {y} 2024,
//               {yy} 24, {weekday} Saturday
//   times       {H} 14, {HH} 14, {MM} 30, {h12} 2, {half} pm, {noon} noon or midnight
//   clock times {clock} half past two, {part} in the afternoon, {half} pm
//   clock       {h} the hour that runs, {n} the hour that comes
//   quantities  {number} 1,250.5, {sign} km, {unit} kilometers, {count} two

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace heddle::data {

// A way to say a time that only some times allow: those at a multiple of `step` minutes of the day.
struct TimePhrase {
  std::string_view text;
  int step;
};

// A part of the day from an hour on, up to the next part.
struct DayPart {
  int from_hour;
  std::string_view name;
};

constexpr size_t kUnits = 9;
// The normal form of units. Those before the last can be halved in words ("two and a half metres").
constexpr std::array<std::string_view, kUnits> kUnitSigns = {"mm", "cm", "m", "km", "g", "kg", "ml", "l", "%"};

struct DateLanguage {
  std::string_view tag;  // "en"
  std::array<std::string_view, 12> months, short_months;
  std::array<std::string_view, 7> weekdays;  // from Sunday
  std::string_view first_ordinal;            // of the first day of a month; others are plain, but in English
  std::vector<std::string_view> dates;
  std::vector<TimePhrase> times;
  std::vector<std::string_view> clock_times;  // with {clock}, for multiples of five minutes
  std::array<std::string_view, 12> hours;     // one to twelve, as in a clock phrase
  std::string_view full_hour_one;             // {h} of one o'clock
  std::array<std::string_view, 12> clock;     // by five minutes
  std::vector<DayPart> parts;
  std::string_view noon, midnight;
  char decimal_mark;
  std::string_view thousands_mark;
  std::array<std::string_view, kUnits> units;
  std::array<std::string_view, 11> counts;  // two to twelve
  std::string_view count_and_half;
};

std::span<const DateLanguage> date_languages();

}  // namespace heddle::data
