#include "heddle/data/readers/json_row.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "heddle/base/error.h"
#include "heddle/base/utf8.h"

namespace heddle::data {
namespace {

using simdjson::dom::element;

static_assert(simdjson::SIMDJSON_PADDING <= LineReader::kPadding);

constexpr int kDeepestGuess = 4;
constexpr int kSafeDepth = 1000, kDeepest = 1100;  // less and more than simdjson allows
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

}  // namespace

struct JsonRow::Parser {
  simdjson::dom::parser parser;
  element root;
  simdjson::error_code error = simdjson::SUCCESS;
};

JsonRow::JsonRow() : parser_(std::make_unique<Parser>()) {}
JsonRow::~JsonRow() = default;

bool JsonRow::parse(std::string_view text) {
  text_ = text;
  token_ = end_ = nullptr;
  simdjson::dom::parser& parser = parser_->parser;
  // An empty row, too, needs what the first call to allocate makes.
  if ((!parser.implementation || parser.capacity() < text.size()) &&
      parser.allocate(std::max({size_t{64}, text.size(), 2 * parser.capacity()})) != simdjson::SUCCESS)
    fail_input("a row of JSON of {} bytes is too long", text.size());
  const auto* const bytes = reinterpret_cast<const uint8_t*>(text.data());
  if (parser.implementation->stage1(bytes, text.size(), simdjson::stage1_mode::regular) != simdjson::SUCCESS)
    return false;
  find_tokens();
  return true;
}

void JsonRow::find_tokens() {
  const simdjson::internal::dom_parser_implementation& tokens = *parser_->parser.implementation;
  token_ = tokens.structural_indexes.get();
  end_ = token_ + tokens.n_structural_indexes;
}

bool JsonRow::parse_whole() {
  parser_->error = parser_->parser.parse(text_.data(), text_.size(), false).get(parser_->root);
  return parser_->error == simdjson::SUCCESS;
}

bool JsonRow::is_object() const { return token_ != end_ && text_[*token_] == '{'; }

void JsonRow::fail(const std::string& place) {
  if (!parse_whole())
    fail_input("{}: this is no valid JSON ({}); expected an object, such as {{\"text\": \"…\"}}", place,
               simdjson::error_message(parser_->error));
  fail_input("{}: expected a JSON object, such as {{\"text\": \"…\"}}", place);
}

std::vector<std::string> JsonRow::choose(const JsonColumns& wanted, const std::string& place) {
  std::vector<std::string> known, columns = wanted.paths;
  if (!parse_whole()) fail(place);
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

bool JsonRow::fill(Record& record) {
  record.clear();
  used_ = 0;
  for (auto& values : values_) values.clear();
  find_tokens();  // the whole parser may have moved them
  is_doubtful_ = false;
  has_escapes_ = text_.find('\\') != std::string_view::npos;
  if (token_ == end_ || take(token_, &tree_, 0) != end_ || (is_doubtful_ && !parse_whole())) return false;
  for (const auto& values : values_) {
    for (const std::string_view value : values) record.add(value);
    record.end_column();
  }
  return true;
}

// From here on `token` is the first token of a value, and what is returned is behind its last one; nullptr: the value
// is wrong. No tree: it is checked and passed over. A string, number or word is one token.
inline JsonRow::Place JsonRow::take(Place token, PathTree* tree, int depth) {
  const char* const begin = text_.data() + *token;
  if (*begin == '{') token = take_object(token, tree && !tree->keys.empty() ? tree : nullptr, depth);
  else if (*begin == '[')
    token = take_list(token, tree && (!tree->places.empty() || !tree->elsewhere.empty()) ? tree : nullptr, depth);
  else if (is_scalar(token)) ++token;
  else return nullptr;
  if (tree && !tree->columns.empty() && token && *begin != 'n') add_value(*tree, begin, token);
  return token;
}

inline void JsonRow::add_value(const PathTree& tree, const char* begin, Place behind) {
  std::string_view value;
  if (*begin == '"') value = string_between(begin, text_.data() + *behind);
  else if (*begin == '{' || *begin == '[') value = {begin, text_.data() + behind[-1] + 1};
  else value = scalar_between(begin, text_.data() + *behind);
  for (const size_t column : tree.columns) values_[column].push_back(value);
}

// Whether a list or object may stand at this depth.
bool JsonRow::allows(int depth) {
  is_doubtful_ = is_doubtful_ || depth >= kSafeDepth;
  return depth < kDeepest;
}

JsonRow::Place JsonRow::take_object(Place token, PathTree* tree, int depth) {
  const int64_t object = ++objects_;
  size_t hint = 0;
  if (!allows(depth) || ++token == end_) return nullptr;
  if (text_[*token] == '}') return token + 1;
  while (true) {
    if (end_ - token < 4) return nullptr;  // a key, its colon, a value, and what follows
    const char* const quote = text_.data() + token[0];
    const char* const colon = text_.data() + token[1];
    if (*quote != '"' || *colon != ':' || (has_escapes_ && !is_string(quote, colon))) return nullptr;
    PathStep* step = tree ? step_for(quote, colon, *tree, hint) : nullptr;
    if (step && step->taken_by == object) step = nullptr;  // of equal keys the first counts
    if (step) step->taken_by = object;
    token = take(token + 2, step ? &step->next : nullptr, depth + 1);
    if (!token || token == end_) return nullptr;
    const char next = text_[*token++];
    if (next == '}') return token;
    if (next != ',' || token == end_) return nullptr;
  }
}

JsonRow::Place JsonRow::take_list(Place token, PathTree* tree, int depth) {
  if (!allows(depth) || ++token == end_) return nullptr;
  if (text_[*token] == ']') return token + 1;
  PathTree* const elsewhere = tree && !tree->elsewhere.empty() ? tree->elsewhere.data() : nullptr;
  for (size_t place = 0, named = 0;; ++place) {
    PathTree* inner = elsewhere;
    if (tree && named < tree->places.size() && tree->places[named].place == place) inner = &tree->places[named++].next;
    token = take(token, inner, depth + 1);
    if (!token || token == end_) return nullptr;
    const char next = text_[*token++];
    if (next == ']') return token;
    if (next != ',' || token == end_) return nullptr;
  }
}

inline bool JsonRow::is_scalar(Place token) {
  const char* const begin = text_.data() + *token;
  if (*begin == '"') return !has_escapes_ || is_string(begin, text_.data() + token[1]);
  if (*begin == 't' || *begin == 'f' || *begin == 'n') return is_json_word(begin);
  return note(judge_json_number(begin));
}

bool JsonRow::is_string(const char* quote, const char* next) {
  do --next;
  while (*next != '"');
  return note(judge_json_string({quote + 1, next}));
}

bool JsonRow::note(JsonVerdict verdict) {
  is_doubtful_ = is_doubtful_ || verdict == JsonVerdict::doubtful;
  return verdict != JsonVerdict::wrong;
}

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
  PathStep* const step = find([&](const PathStep& one) { return one.is_plain && one.is_written_at(quote + 1, next); });
  if (step || !has_escapes_ || !std::memchr(quote, '\\', static_cast<size_t>(next - quote))) return step;
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
  if (!has_escapes_ || !std::memchr(string.data(), '\\', string.size())) return string;
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
