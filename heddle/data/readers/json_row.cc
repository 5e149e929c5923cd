#include "heddle/data/readers/json_row.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <array>
#include <charconv>
#include <cstring>

#include "heddle/base/error.h"
#include "heddle/base/utf8.h"

namespace heddle::data {
namespace {

using simdjson::dom::element;

static_assert(simdjson::SIMDJSON_PADDING <= LineReader::kPadding);

constexpr int kDeepestGuess = 4;
constexpr size_t kMostGuessed = 256;

// Whether `steps` lead to a value.
bool leads_somewhere(const element& from, std::span<const std::string> steps) {
  if (steps.empty()) return true;
  if (from.is_object()) {
    element inner;
    return from[steps[0]].get(inner) == simdjson::SUCCESS && leads_somewhere(inner, steps.subspan(1));
  }
  simdjson::dom::array list;
  if (from.get(list) != simdjson::SUCCESS) return false;
  if (steps[0] == "*") return true;
  size_t place = 0;
  for (const element inner : list)
    if (steps[0] == std::to_string(place++)) return leads_somewhere(inner, steps.subspan(1));
  return false;
}

std::string escaped(std::string_view key) {
  std::string out;
  for (char c : key) {
    if (c == '.' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

// The paths to what an object holds: into objects, and into lists by their first value.
void guess_paths(const element& from, const std::string& path, int depth, std::vector<std::string>& paths) {
  simdjson::dom::object object;
  simdjson::dom::array list;
  const std::string dot = path.empty() ? "" : path + ".";
  if (paths.size() >= kMostGuessed) return;
  if (depth < kDeepestGuess && from.get(object) == simdjson::SUCCESS) {
    for (const auto& field : object)
      if (!field.key.empty()) guess_paths(field.value, dot + escaped(field.key), depth + 1, paths);
  } else if (depth < kDeepestGuess && from.get(list) == simdjson::SUCCESS && list.begin() != list.end()) {
    guess_paths(*list.begin(), dot + "*", depth + 1, paths);
  } else if (!path.empty()) {
    paths.push_back(path);
  }
}

int32_t four_hex_digits(const char* at) {
  int32_t value = 0;
  std::from_chars(at, at + 4, value, 16);
  return value;
}

// What a valid JSON string means; half of a surrogate pair means U+FFFD.
void unescape(std::string_view string, std::string& out) {
  constexpr std::string_view kLetters = "bfnrt", kMeanings = "\b\f\n\r\t";
  out.clear();
  for (size_t at = 0; at < string.size();) {
    const size_t escape = std::min(string.find('\\', at), string.size());
    out += string.substr(at, escape - at);
    if (escape == string.size()) return;
    const char letter = string[escape + 1];
    at = escape + 2;
    if (letter != 'u') {
      const size_t which = kLetters.find(letter);
      out += which == std::string_view::npos ? letter : kMeanings[which];
      continue;
    }
    int32_t c = four_hex_digits(string.data() + at);
    at += 4;
    if (c >= 0xD800 && c < 0xDC00 && string.substr(at).starts_with("\\u") && at + 6 <= string.size()) {
      const int32_t low = four_hex_digits(string.data() + at + 2);
      if (low >= 0xDC00 && low < 0xE000) {
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        at += 6;
      }
    }
    append_utf8(out, c >= 0xD800 && c < 0xE000 ? 0xFFFD : c);
  }
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// How deep a token leads: in, out, or neither.
constexpr std::array<signed char, 256> kDepths = [] {
  std::array<signed char, 256> depths{};
  depths['{'] = depths['['] = 1;
  depths['}'] = depths[']'] = -1;
  return depths;
}();

}  // namespace

struct JsonRow::Parser {
  simdjson::dom::parser parser;
  element root;
  simdjson::error_code error = simdjson::SUCCESS;
};

JsonRow::JsonRow() : parser_(std::make_unique<Parser>()) {}
JsonRow::~JsonRow() = default;

bool JsonRow::parse(std::string_view text) {
  text_ = text.data();
  parser_->error = parser_->parser.parse(text.data(), text.size(), false).get(parser_->root);
  return parser_->error == simdjson::SUCCESS;
}

void JsonRow::check(const std::string& place) const {
  if (parser_->error != simdjson::SUCCESS)
    fail_input("{}: this is no valid JSON ({}); expected an object, such as {{\"text\": \"…\"}}", place,
               simdjson::error_message(parser_->error));
  if (!is_object()) fail_input("{}: expected a JSON object, such as {{\"text\": \"…\"}}", place);
}

bool JsonRow::is_object() const { return parser_->error == simdjson::SUCCESS && parser_->root.is_object(); }

std::vector<std::string> JsonRow::choose(const JsonColumns& wanted, const std::string& place) {
  std::vector<std::string> known, columns = wanted.paths;
  guess_paths(parser_->root, "", 0, known);
  if (columns.empty()) columns = known;
  std::vector<std::vector<std::string>> paths;
  for (const std::string& path : columns) {
    paths.push_back(json_path(path));
    if (wanted.needed && !wanted.paths.empty() && !leads_somewhere(parser_->root, paths.back()))
      fail_input("{}: the first object has no {}; it has {}", place, path, fmt::join(known, ", "));
  }
  tree_ = PathTree::of(paths);
  values_.resize(columns.size());
  return columns;
}

void JsonRow::fill(Record& record) {
  record.clear();
  used_ = 0;
  for (auto& values : values_) values.clear();
  token_ = parser_->parser.implementation->structural_indexes.get();
  take(tree_);
  for (const auto& values : values_) {
    for (const std::string_view value : values) record.add(value);
    record.end_column();
  }
}

// From here on token_ is at the first token of a value, and behind its last one afterwards. A string, number or word
// is one token; behind each there is another, since all is in an object.
void JsonRow::take(PathTree& tree) {
  const char* const begin = text_ + *token_;
  if (*begin == '{' && !tree.keys.empty()) take_object(tree);
  else if (*begin == '[' && (!tree.places.empty() || !tree.elsewhere.empty())) take_list(tree);
  else pass_over();
  if (tree.columns.empty() || *begin == 'n') return;
  std::string_view value;
  if (*begin == '{' || *begin == '[') value = {begin, text_ + token_[-1] + 1};
  else if (*begin == '"') value = string_between(begin, text_ + *token_);
  else value = scalar_between(begin, text_ + *token_);
  for (const size_t column : tree.columns) values_[column].push_back(value);
}

void JsonRow::pass_over() {
  int depth = 0;
  do depth += kDepths[static_cast<unsigned char>(text_[*token_++])];
  while (depth > 0);
}

void JsonRow::take_object(PathTree& tree) {
  const int64_t object = ++objects_;
  size_t hint = 0;
  if (text_[*++token_] == '}') {
    ++token_;
    return;
  }
  do {
    PathStep* const step = step_for(text_ + token_[0], text_ + token_[1], tree, hint);
    token_ += 2;                              // the key and its colon
    if (!step || step->taken_by == object) {  // of equal keys the first counts
      pass_over();
      continue;
    }
    step->taken_by = object;
    take(step->next);
  } while (text_[*token_++] == ',');
}

void JsonRow::take_list(PathTree& tree) {
  if (text_[*++token_] == ']') {
    ++token_;
    return;
  }
  size_t place = 0, named = 0;
  do {
    if (named < tree.places.size() && tree.places[named].place == place) take(tree.places[named++].next);
    else if (!tree.elsewhere.empty()) take(tree.elsewhere[0]);
    else pass_over();
    ++place;
  } while (text_[*token_++] == ',');
}

namespace {

// Whether the string that begins with the quote at `quote` is written as `text`, which has no quote in it.
bool is_written(const char* quote, std::string_view text, const char* next) {
  return static_cast<size_t>(next - quote) >= text.size() + 2 && quote[text.size() + 1] == '"' &&
         std::memcmp(quote + 1, text.data(), text.size()) == 0;
}

}  // namespace

// Rows have their keys in one order as a rule, so the search begins where the last one ended. A key with escapes, in
// the text or in what is looked for, is compared by its meaning.
PathStep* JsonRow::step_for(const char* quote, const char* next, PathTree& tree, size_t& hint) {
  const auto find = [&](const auto& is_it) -> PathStep* {
    for (size_t i = 0; i < tree.keys.size(); ++i) {
      const size_t at = hint + i < tree.keys.size() ? hint + i : hint + i - tree.keys.size();
      if (!is_it(tree.keys[at])) continue;
      hint = at + 1;
      return &tree.keys[at];
    }
    return nullptr;
  };
  PathStep* const step = find([&](const PathStep& one) { return one.is_plain && is_written(quote, one.key, next); });
  if (step || !std::memchr(quote, '\\', static_cast<size_t>(next - quote))) return step;
  const std::string_view meant = string_between(quote, next);
  return find([&](const PathStep& one) { return one.key == meant; });
}

std::string& JsonRow::new_text() {
  if (used_ == made_.size()) made_.emplace_back();
  return made_[used_++];
}

// The string that begins with the quote at `quote`, before the token at `next`.
std::string_view JsonRow::string_between(const char* quote, const char* next) {
  do --next;
  while (*next != '"');
  const std::string_view string(quote + 1, next);
  if (!std::memchr(string.data(), '\\', string.size())) return string;
  std::string& made = new_text();
  unescape(string, made);
  return made;
}

// A number, true, or false.
std::string_view JsonRow::scalar_between(const char* begin, const char* next) {
  while (is_space(next[-1])) --next;
  const std::string_view scalar(begin, next);
  const bool is_word = *begin == 't' || *begin == 'f';
  if (is_word || (scalar.find_first_of(".eE") == std::string_view::npos && scalar != "-0")) return scalar;
  double number = 0;
  std::from_chars(begin, next, number);
  std::string& made = new_text();
  if (scalar == "-0") made = "0";
  else made = fmt::format("{}", number);
  return made;
}

}  // namespace heddle::data
