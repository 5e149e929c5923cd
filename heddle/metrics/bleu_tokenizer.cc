#include "heddle/metrics/bleu_tokenizer.h"

#include <utf8proc.h>

#include "heddle/base/error.h"
#include "heddle/text/utf8.h"

namespace heddle::metrics {
namespace {

using CodePoints = std::vector<int32_t>;

CodePoints code_points(std::string_view text) {
  CodePoints points;
  for (size_t at = 0; at < text.size();) {
    const text::CodePoint point = text::read_code_point(text, at);
    points.push_back(point.value < 0 ? 0xFFFD : point.value);
    at += static_cast<size_t>(point.length);
  }
  return points;
}

std::string utf8(const CodePoints& points) {
  std::string out;
  for (int32_t c : points) text::append_utf8(out, c);
  return out;
}

bool is_space(int32_t c) {
  if (c == ' ' || (c >= 9 && c <= 13) || (c >= 0x1C && c <= 0x1F) || c == 0x85) return true;
  const auto category = c < 128 ? UTF8PROC_CATEGORY_CN : utf8proc_category(c);
  return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

std::vector<std::string> split_spaces(const CodePoints& points) {
  std::vector<std::string> tokens;
  std::string token;
  for (int32_t c : points) {
    if (!is_space(c)) {
      text::append_utf8(token, c);
    } else if (!token.empty()) {
      tokens.push_back(std::move(token));
      token.clear();
    }
  }
  if (!token.empty()) tokens.push_back(std::move(token));
  return tokens;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) text.replace(at, from.size(), to);
}

bool is_digit(int32_t c) { return c >= '0' && c <= '9'; }

// The characters that 13a always sets apart: {|}~ [\]^_` space..& ( ) * + : ; < = > ? @ /
bool always_apart(int32_t c) {
  return (c >= '{' && c <= '~') || (c >= '[' && c <= '`') || (c >= ' ' && c <= '&') || (c >= '(' && c <= '+') ||
         (c >= ':' && c <= '@') || c == '/';
}

// One pass of a rule that looks at two neighbours: where `first` and `second` accept them, the pair is
// written by `write`, and matching goes on behind the pair, as a regular expression would.
template <class First, class Second, class Write>
CodePoints rewrite_pairs(const CodePoints& in, First&& first, Second&& second, Write&& write) {
  CodePoints out;
  for (size_t i = 0; i < in.size(); ++i) {
    if (i + 1 < in.size() && first(in[i]) && second(in[i + 1])) {
      write(out, in[i], in[i + 1]);
      ++i;
    } else {
      out.push_back(in[i]);
    }
  }
  return out;
}

void first_apart(CodePoints& out, int32_t a, int32_t b) {  // "\1 \2 "
  out.insert(out.end(), {a, ' ', b, ' '});
}
void second_apart(CodePoints& out, int32_t a, int32_t b) {  // " \1 \2"
  out.insert(out.end(), {' ', a, ' ', b});
}

CodePoints separate_13a(const CodePoints& line) {
  CodePoints out;
  for (int32_t c : line) {
    if (always_apart(c)) out.insert(out.end(), {' ', c, ' '});
    else out.push_back(c);
  }
  const auto stop = [](int32_t c) { return c == '.' || c == ','; };
  const auto no_digit = [](int32_t c) { return !is_digit(c); };
  out = rewrite_pairs(out, no_digit, stop, first_apart);
  out = rewrite_pairs(out, stop, no_digit, second_apart);
  return rewrite_pairs(out, is_digit, [](int32_t c) { return c == '-'; }, first_apart);
}

std::vector<std::string> tokens_13a(std::string_view line) {
  std::string text(line);
  replace_all(text, "<skipped>", "");
  replace_all(text, "-\n", "");
  replace_all(text, "\n", " ");
  if (text.find('&') != std::string::npos) {
    replace_all(text, "&quot;", "\"");
    replace_all(text, "&amp;", "&");
    replace_all(text, "&lt;", "<");
    replace_all(text, "&gt;", ">");
  }
  return split_spaces(separate_13a(code_points(" " + text + " ")));
}

std::vector<std::string> tokens_intl(std::string_view line) {
  const auto category = [](int32_t c) { return utf8proc_category(c); };
  const auto number = [&](int32_t c) {
    return category(c) == UTF8PROC_CATEGORY_ND || category(c) == UTF8PROC_CATEGORY_NL || category(c) == UTF8PROC_CATEGORY_NO;
  };
  const auto no_number = [&](int32_t c) { return !number(c); };
  const auto punctuation = [&](int32_t c) { return category(c) >= UTF8PROC_CATEGORY_PC && category(c) <= UTF8PROC_CATEGORY_PO; };
  const auto symbol = [&](int32_t c) { return category(c) >= UTF8PROC_CATEGORY_SM && category(c) <= UTF8PROC_CATEGORY_SO; };
  CodePoints points = rewrite_pairs(code_points(line), no_number, punctuation, first_apart);
  points = rewrite_pairs(points, punctuation, no_number, second_apart);
  CodePoints out;
  for (int32_t c : points) {
    if (symbol(c)) out.insert(out.end(), {' ', c, ' '});
    else out.push_back(c);
  }
  return split_spaces(out);
}

// The ranges that sacreBLEU's Chinese tokenizer counts as Chinese characters.
bool is_chinese(int32_t c) {
  static constexpr int32_t kRanges[][2] = {
      {0x3400, 0x4DB5},   {0x4E00, 0x9FA5},   {0x9FA6, 0x9FBB},   {0xF900, 0xFA2D},   {0xFA30, 0xFA6A},   {0xFA70, 0xFAD9},
      {0x20000, 0x2A6D6}, {0x2F800, 0x2FA1D}, {0xFF00, 0xFFEF},   {0x2E80, 0x2EFF},   {0x3000, 0x303F},   {0x31C0, 0x31EF},
      {0x2F00, 0x2FDF},   {0x2FF0, 0x2FFF},   {0x3100, 0x312F},   {0x31A0, 0x31BF},   {0xFE10, 0xFE1F},   {0xFE30, 0xFE4F},
      {0x2600, 0x26FF},   {0x2700, 0x27BF},   {0x3200, 0x32FF},   {0x3300, 0x33FF}};
  for (const auto& range : kRanges)
    if (c >= range[0] && c <= range[1]) return true;
  return false;
}

std::vector<std::string> tokens_zh(std::string_view line) {
  CodePoints out;
  for (int32_t c : code_points(line)) {
    if (is_chinese(c)) out.insert(out.end(), {' ', c, ' '});
    else out.push_back(c);
  }
  return split_spaces(separate_13a(out));
}

std::vector<std::string> tokens_char(std::string_view line) {
  CodePoints out;
  for (int32_t c : code_points(line)) out.insert(out.end(), {c, ' '});
  return split_spaces(out);
}

}  // namespace

std::vector<std::string> bleu_tokens(const std::string& tokenize, std::string_view line) {
  if (tokenize == "13a") return tokens_13a(line);
  if (tokenize == "intl") return tokens_intl(line);
  if (tokenize == "zh") return tokens_zh(line);
  if (tokenize == "char") return tokens_char(line);
  if (tokenize == "none") return split_spaces(code_points(line));
  fail_input("the tokenization \"{}\" is unknown; choose 13a, intl, zh, char or none", tokenize);
}

std::string lowercase(std::string_view text) {
  CodePoints points = code_points(text);
  for (int32_t& c : points) c = utf8proc_tolower(c);
  return utf8(points);
}

}  // namespace heddle::metrics
