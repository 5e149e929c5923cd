#include "heddle/data/dates.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <unordered_map>

#include "heddle/base/error.h"
#include "heddle/data/date_language.h"
#include "heddle/text/utf8.h"

namespace heddle::data {
namespace {

std::string small(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::unordered_map<std::string, std::string> many_expressions() {
  RandomStream random(RandomKey{.seed = 11});
  std::unordered_map<std::string, std::string> answers;
  for (int i = 0; i < 400000; ++i) {
    const TextPair pair = draw_date_expression(random);
    const auto [found, added] = answers.emplace(pair.source, pair.target);
    EXPECT_EQ(found->second, pair.target) << pair.source;
  }
  return answers;
}

TEST(Dates, TheAnswerIsAFunctionOfTheText) {
  const auto answers = many_expressions();
  EXPECT_GT(answers.size(), 200000u);
  // Small letters take nothing away, except that they are small.
  for (const auto& [text, answer] : answers) {
    const auto found = answers.find(small(text));
    if (found != answers.end()) {
      EXPECT_EQ(found->second, answer) << text;
    }
  }
}

TEST(Dates, SaysWhatPeopleSay) {
  const auto answers = many_expressions();
  const std::pair<const char*, const char*> expected[] = {{"en: half past two in the afternoon", "14:30"},
                                                          {"en: quarter to one am", "00:45"},
                                                          {"en: five to twelve at night", "23:55"},
                                                          {"en: 12 am", "00:00"},
                                                          {"en: noon", "12:00"},
                                                          {"en: two and a half kilograms", "2.5 kg"},
                                                          {"de: halb drei nachmittags", "14:30"},
                                                          {"de: ein Uhr mittags", ""},
                                                          {"de: ein Uhr nachmittags", "13:00"},
                                                          {"de: fünf vor halb eins nachts", "00:25"},
                                                          {"de: dreieinhalb Kilometer", "3.5 km"},
                                                          {"fr: midi", "12:00"},
                                                          {"fr: trois heures moins le quart du matin", "02:45"},
                                                          {"es: las dos y media de la tarde", "14:30"},
                                                          {"it: le due e mezza del pomeriggio", "14:30"},
                                                          {"nl: half drie 's middags", "14:30"}};
  for (const auto& [text, answer] : expected) {
    const auto found = answers.find(text);
    EXPECT_EQ(found == answers.end() ? "" : found->second, answer) << text;
  }
}

// A number as its language writes it, read back with the marks of that language.
std::string read_number(const std::string& text) {
  const char decimal = text.starts_with("en") ? '.' : ',';
  std::string number;
  for (char c : text.substr(4))
    if (c >= '0' && c <= '9') number += c;
    else if (c == decimal) number += '.';
  return number;
}

TEST(Dates, MarksInNumbersAreReadByLanguage) {
  int64_t read = 0;
  for (const auto& [text, answer] : many_expressions()) {
    const size_t space = answer.find(' ');
    const bool digits = text.find_first_of("0123456789") != std::string::npos;
    if (space == std::string::npos || !digits) continue;
    EXPECT_EQ(read_number(text), answer.substr(0, space)) << text;
    ++read;
  }
  EXPECT_GT(read, 20000);
}

// What must not be in two splits: the dates, and all texts in small letters.
std::set<std::string> held_out_keys(const std::vector<TextPair>& pairs) {
  std::set<std::string> keys;
  for (const TextPair& pair : pairs) {
    keys.insert(small(pair.source));
    if (pair.target.size() == 10 && pair.target[4] == '-') keys.insert(pair.target);
  }
  return keys;
}

void expect_disjoint(const std::vector<TextPair>& one, const std::vector<TextPair>& two) {
  const std::set<std::string> keys = held_out_keys(one);
  for (const std::string& key : held_out_keys(two)) EXPECT_FALSE(keys.contains(key)) << key;
}

TEST(Dates, SplitsShareNoTextAndNoDate) {
  const DatesTask task = make_dates({.train = 20000, .valid = 500, .test = 500}, 1);
  ASSERT_EQ(task.train.size(), 20000u);
  ASSERT_EQ(task.valid.size(), 500u);
  ASSERT_EQ(task.test.size(), 500u);
  expect_disjoint(task.train, task.test);
  expect_disjoint(task.train, task.valid);
  expect_disjoint(task.valid, task.test);
  std::set<std::string> sources;
  for (const auto* pairs : {&task.valid, &task.test})
    for (const TextPair& pair : *pairs) EXPECT_TRUE(sources.insert(pair.source).second) << pair.source;
}

TEST(Dates, OtherSeedsHoldOutTheSame) {
  const DatesSizes sizes = {.train = 5000, .valid = 200, .test = 200};
  const DatesTask one = make_dates(sizes, 1), two = make_dates(sizes, 2);
  EXPECT_NE(one.train, two.train);
  EXPECT_EQ(one.train, make_dates(sizes, 1).train);
  expect_disjoint(one.train, two.test);
  expect_disjoint(one.train, two.valid);
}

TEST(Dates, TextIsCleanAndVaried) {
  const DatesTask task = make_dates({.train = 20000, .valid = 10, .test = 10}, 3);
  std::unordered_map<std::string, int> languages;
  int dates = 0, times = 0, quantities = 0;
  for (const TextPair& pair : task.train) {
    EXPECT_TRUE(text::is_valid_utf8(pair.source));
    EXPECT_EQ(pair.source.find_first_of("{}\t\n"), std::string::npos) << pair.source;
    ++languages[pair.source.substr(0, 2)];
    const bool date = pair.target.size() == 10 && pair.target[4] == '-';
    const bool time = pair.target.size() == 5 && pair.target[2] == ':';
    date ? ++dates : time ? ++times : ++quantities;
  }
  EXPECT_EQ(languages.size(), 6u);
  for (const auto& [language, lines] : languages) EXPECT_GT(lines, 2000) << language;
  EXPECT_GT(dates, 7000);  // three eighths
  EXPECT_GT(times, 2000);
  EXPECT_GT(quantities, 2000);
}

TEST(Dates, EveryPlaceInAPhraseHasAName) {
  const std::set<std::string_view> known = {"d",    "dd",      "ordinal", "m",  "mm",     "month", "mon",  "y",
                                            "yy",   "weekday", "H",       "HH", "MM",     "h12",   "half", "clock",
                                            "part", "noon",    "h",       "n",  "number", "sign",  "unit", "count"};
  const auto check = [&](std::string_view phrase) {
    EXPECT_FALSE(phrase.empty());
    for (size_t at = phrase.find('{'); at != std::string_view::npos; at = phrase.find('{', at + 1)) {
      const size_t end = phrase.find('}', at);
      ASSERT_NE(end, std::string_view::npos) << phrase;
      EXPECT_TRUE(known.contains(phrase.substr(at + 1, end - at - 1))) << phrase;
    }
  };
  for (const DateLanguage& language : date_languages()) {
    for (const auto& phrase : language.dates) check(phrase);
    for (const auto& phrase : language.times) check(phrase.text);
    for (const auto& phrase : language.clock_times) check(phrase);
    for (const auto& phrase : language.clock) check(phrase);
    for (const auto& word : language.months) check(word);
    for (const auto& word : language.units) check(word);
    check(language.count_and_half);
  }
}

TEST(Dates, SizesHaveARange) {
  EXPECT_THROW(make_dates({.train = 0}, 1), InputError);
  EXPECT_THROW(make_dates({.train = 100000000}, 1), InputError);
  EXPECT_THROW(make_dates({.train = 10, .valid = 10, .test = -1}, 1), InputError);
}

}  // namespace
}  // namespace heddle::data
