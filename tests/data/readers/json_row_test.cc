// Values along paths are those that a tree of the same JSON has, on random objects written in random ways.

#include "heddle/data/readers/json_row.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

#include "heddle/base/error.h"
#include "heddle/base/utf8.h"

namespace heddle::data {
namespace {

using Json = nlohmann::ordered_json;
using Values = std::vector<std::string>;

std::mt19937 random_numbers(21);
size_t below(size_t count) { return random_numbers() % count; }

std::string random_string() {
  constexpr int32_t kCharacters[] = {'a', 'b',  ' ',     '"', '\\', '/', '\n', '\t',
                                     1,   0xE9, 0x1F600, '{', '}',  '[', ',',  ':'};
  std::string text;
  for (size_t i = below(12); i > 0; --i) append_utf8(text, kCharacters[below(std::size(kCharacters))]);
  return text;
}

const Values kKeys = {"a", "b", "text", "with space", "q\"\\", "é", "*", "0", "1"};

Json random_value(int depth) {
  switch (below(depth > 3 ? 6 : 9)) {
    case 0: return nullptr;
    case 1: return below(2) == 0;
    case 2: return static_cast<int64_t>(random_numbers()) - 2000000000;
    case 3: return (static_cast<double>(random_numbers()) - 2e9) * 1e-7;
    case 4:
    case 5: return random_string();
    case 6: {
      Json list = Json::array();
      for (size_t i = below(4); i > 0; --i) list.push_back(random_value(depth + 1));
      return list;
    }
    default: {
      Json object = Json::object();
      for (size_t i = below(5); i > 0; --i) object[kKeys[below(kKeys.size())]] = random_value(depth + 1);
      return object;
    }
  }
}

// JSON with white space of any kind between its tokens.
std::string spaced(const std::string& dense) {
  std::string text;
  bool inside = false;
  for (size_t i = 0; i < dense.size(); ++i) {
    const bool quote = dense[i] == '"';
    const bool token = std::string_view("{}[],:").find(dense[i]) != std::string_view::npos;
    if (!inside && token && below(3) == 0) text += " \t"[below(2)];
    text += dense[i];
    if (!inside && token && below(3) == 0) text += " ";
    if (inside && dense[i] == '\\') text += dense[++i];
    if (quote) inside = !inside;
  }
  return text;
}

void values_by_tree(const Json& from, std::span<const std::string> steps, std::vector<Json>& values) {
  if (steps.empty()) {
    if (!from.is_null()) values.push_back(from);
  } else if (from.is_object()) {
    if (from.contains(steps[0])) values_by_tree(from[steps[0]], steps.subspan(1), values);
  } else if (from.is_array()) {
    for (size_t place = 0; place < from.size(); ++place)
      if (steps[0] == "*" || steps[0] == std::to_string(place)) values_by_tree(from[place], steps.subspan(1), values);
  }
}

void expect_value(std::string_view found, const Json& expected) {
  if (expected.is_string()) EXPECT_EQ(found, expected.get<std::string>());
  else if (expected.is_number_float()) EXPECT_EQ(found, fmt::format("{}", expected.get<double>()));
  else if (expected.is_structured()) EXPECT_EQ(Json::parse(found), expected);
  else EXPECT_EQ(found, expected.dump());
}

std::string padded(const std::string& text) {
  std::string out = text;
  out.reserve(text.size() + LineReader::kPadding);
  return out;
}

TEST(JsonRow, ValuesAreThoseOfTheTree) {
  const Values paths = {"a",     "a.b", "a.*",          "a.0",     "a.1.text", "a.*.text", "text", "b.*.*",  "b",
                        "b.0.*", "é",   "with space.a", "q\"\\\\", "*",        "*.0",      "0.1",  "b.*.a.*"};
  int compared = 0;
  for (int trial = 0; trial < 3000; ++trial) {
    JsonRow row;
    const std::string first = padded("{}");
    ASSERT_TRUE(row.parse(first));
    row.choose({.paths = paths, .needed = false}, "here");
    Record record;
    for (int object = 0; object < 3; ++object) {
      Json value = Json::object();
      for (const std::string& key : kKeys)
        if (below(2) == 0) value[key] = random_value(0);
      const std::string text = padded(spaced(value.dump(-1, ' ', below(2) == 0)));
      ASSERT_TRUE(row.parse(text)) << text;
      row.fill(record);
      ASSERT_EQ(record.columns(), paths.size());
      for (size_t column = 0; column < paths.size(); ++column) {
        std::vector<Json> expected;
        values_by_tree(value, json_path(paths[column]), expected);
        const auto found = record.all(column);
        ASSERT_EQ(found.size(), expected.size()) << paths[column] << " in " << text;
        for (size_t i = 0; i < found.size(); ++i) expect_value(found[i], expected[i]);
        compared += static_cast<int>(found.size());
      }
      ASSERT_FALSE(testing::Test::HasFailure()) << text;
    }
  }
  EXPECT_GT(compared, 20000);
}

Values values_of(const std::string& object, const std::string& path) {
  JsonRow row;
  const std::string text = padded(object);
  EXPECT_TRUE(row.parse(text));
  row.choose({.paths = {path}, .needed = false}, "here");
  Record record;
  row.fill(record);
  return {record.all(0).begin(), record.all(0).end()};
}

TEST(JsonRow, OfEqualKeysTheFirstCounts) {
  EXPECT_EQ(values_of(R"({"a": 1, "a": 2, "\u0061": 3})", "a"), Values{"1"});
  EXPECT_EQ(values_of(R"([{"a": 1, "a": 2}, {"a": 3}])", "a"), Values()) << "a list is no object";
  EXPECT_EQ(values_of(R"({"l": [{"a": 1, "a": 2}, {"a": 3}]})", "l.*.a"), (Values{"1", "3"}));
}

TEST(JsonRow, Escapes) {
  EXPECT_EQ(values_of(R"({"a": "\u00e9\ud83d\ude00\b\f\n\r\t\/\\\""})", "a"), Values{"é\U0001F600\b\f\n\r\t/\\\""});
  EXPECT_EQ(values_of(R"({"\u0061b": "x"})", "ab"), Values{"x"});
}

TEST(JsonRow, Numbers) {
  EXPECT_EQ(values_of(R"({"a": [1.50, 1e3, -0, 18446744073709551615, -7 ]})", "a.*"),
            (Values{"1.5", "1000", "0", "18446744073709551615", "-7"}));
}

std::string nested(int depth) { return R"({"a": )" + std::string(depth, '[') + std::string(depth, ']') + "}"; }

// Values that are right and wrong, one a line.
constexpr const char* kValues = R"(1
-0
01
-
1.
.5
1.5e
1e5
1e+5
1E-
1e400
123456789012345678901
1x
true
truth
tru
false
nul
null
nulls
TRUE
"a"
"\x"
"\u12g4"
"\u-123"
"\u12"
"\ud83d\ude00"
"\ud83d"
"\ude00\ud83d"
"\ud83d\n"
"\n\/"
"a
a
[
]
[1,]
[,1]
[1 2]
[1:2]
[]
{}
{,}
{"a"}
{"a":}
{"a":1,}
{1:2}
{"a" 1}
{"\q":1}
[}
{]
1,
1}
1]
:
,

)";

TEST(JsonRow, RefusesAnEmptyFirstRow) {
  JsonRow row;
  const std::string nothing = padded("");
  EXPECT_FALSE(row.parse(nothing));
}

// What no path leads to is judged as well.
TEST(JsonRow, RefusesWhatTheWholeParserRefuses) {
  Values texts;
  std::istringstream values(kValues);
  for (std::string value; std::getline(values, value);)
    for (const char* format : {R"({{"a": {}}})", R"({{"b": [0, {}]}})", R"({{"b": {{"a": {}, "c": 1}}}})",
                               R"({{"a": 1, {}}})", R"({{"a": 1}} {})", R"({{"a": {})"})
      texts.push_back(fmt::format(fmt::runtime(format), value));
  for (const int depth : {10, 1000, 1020, 1024, 1030, 5000}) texts.push_back(nested(depth));
  JsonRow row;
  const std::string first = padded("{}");
  ASSERT_TRUE(row.parse(first));
  row.choose({.paths = {"a"}, .needed = false}, "here");
  simdjson::dom::parser parser;
  Record record;
  for (const std::string& text : texts) {
    const std::string held = padded(text);
    EXPECT_EQ(row.parse(held) && row.fill(record), parser.parse(held).error() == simdjson::SUCCESS) << text;
  }
}

}  // namespace
}  // namespace heddle::data
