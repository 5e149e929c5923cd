#include "heddle/metrics/bleu_tokenizer.h"

#include <utf8proc.h>

#include "heddle/base/error.h"
#include "heddle/metrics/code_points.h"

namespace heddle::metrics {
namespace {

// In one pass: linear in the text, whatever it holds.
void replace_all(std::string& text, std::string_view from, std::string_view to) {
  std::string out;
  size_t done = 0;
  for (size_t at; (at = text.find(from, done)) != std::string::npos; done = at + from.size()) {
    out.append(text, done, at - done);
    out.append(to);
  }
  if (done == 0) return;
  text = out.append(text, done, text.size() - done);
}

bool is_digit(int32_t c) { return c >= '0' && c <= '9'; }

// The characters that 13a always sets apart: {|}~ [\]^_` space..& ( ) * + : ; < = > ? @ /
bool always_apart(int32_t c) {
  return (c >= '{' && c <= '~') || (c >= '[' && c <= '`') || (c >= ' ' && c <= '&') || (c >= '(' && c <= '+') ||
         (c >= ':' && c <= '@') || c == '/';
}

// Spaces around each character that is `chosen`.
template <class Chosen>
CodePoints set_apart(const CodePoints& in, Chosen&& chosen) {
  CodePoints out;
  for (int32_t c : in) {
    if (chosen(c)) out.insert(out.end(), {' ', c, ' '});
    else out.push_back(c);
  }
  return out;
}

// One pass of a rule that looks at two neighbours: where `first` and `second` accept them, the pair
// is written by `write`, and matching goes on behind the pair, as a regular expression would.
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
  CodePoints out = set_apart(line, always_apart);
  const auto stop = [](int32_t c) { return c == '.' || c == ','; };
  const auto no_digit = [](int32_t c) { return !is_digit(c); };
  out = rewrite_pairs(out, no_digit, stop, first_apart);
  out = rewrite_pairs(out, stop, no_digit, second_apart);
  return rewrite_pairs(
      out, is_digit, [](int32_t c) { return c == '-'; }, first_apart);
}

std::vector<std::string> tokens_13a(std::string_view line) {
  std::string text(line);
  replace_all(text, "<skipped>", "");
  replace_all(text, "-\n", "");
  // In this order: "&amp;lt;" becomes "<".
  replace_all(text, "&quot;", "\"");
  replace_all(text, "&amp;", "&");
  replace_all(text, "&lt;", "<");
  replace_all(text, "&gt;", ">");
  return split_words(separate_13a(code_points(" " + text + " ")));
}

// Nd, Nl and No; Pc to Po; Sm to So: the categories of a kind follow one another.
bool is_number(int32_t c) {
  const auto category = utf8proc_category(c);
  return category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO;
}
bool is_punctuation(int32_t c) {
  const auto category = utf8proc_category(c);
  return category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_PO;
}
bool is_symbol(int32_t c) {
  const auto category = utf8proc_category(c);
  return category >= UTF8PROC_CATEGORY_SM && category <= UTF8PROC_CATEGORY_SO;
}

// A stop that ends the line stays with a number before it, so white space behind it would count.
std::vector<std::string> tokens_intl(std::string_view line) {
  const auto no_number = [](int32_t c) { return !is_number(c); };
  CodePoints points = strip_right(code_points(line));
  points = rewrite_pairs(points, no_number, is_punctuation, first_apart);
  points = rewrite_pairs(points, is_punctuation, no_number, second_apart);
  return split_words(set_apart(points, is_symbol));
}

// What sacreBLEU's tokenizer takes for Chinese. The third range is its own: it means the ideographs
// from U+20000 on, but its escapes hold four digits each and so name U+2000 and U+2A6D. The
// punctuation, arrows and mathematics between them are set apart, and those ideographs are not.
bool is_chinese(int32_t c) {
  static constexpr int32_t kRanges[][2] = {
      {0x3400, 0x4DB5}, {0x4E00, 0x9FBB},                     // ideographs
      {0x2001, 0x2A6D},                                       // see above
      {0x2E80, 0x2FDF}, {0x2FF0, 0x2FFF},                     // radicals and descriptions of characters
      {0x3000, 0x303F},                                       // punctuation
      {0x3100, 0x312F}, {0x31A0, 0x31BF},                     // bopomofo
      {0x31C0, 0x31EF}, {0x3200, 0x33FF},                     // strokes, enclosed and squared characters
      {0xF900, 0xFA2D}, {0xFA30, 0xFA6A}, {0xFA70, 0xFAD9},   // compatibility ideographs
      {0xFE10, 0xFE1F}, {0xFE30, 0xFE4F}, {0xFF00, 0xFFEF}};  // vertical, half and full width
  for (const auto& [first, last] : kRanges)
    if (c >= first && c <= last) return true;
  return false;
}

std::vector<std::string> tokens_zh(std::string_view line) {
  const CodePoints points = strip_left(strip_right(code_points(line)));
  return split_words(separate_13a(set_apart(points, is_chinese)));
}

std::vector<std::string> tokens_char(std::string_view line) {
  return split_words(set_apart(code_points(line), [](int32_t) { return true; }));
}

}  // namespace

std::vector<std::string> bleu_tokens(const std::string& tokenize, std::string_view line) {
  if (tokenize == "13a") return tokens_13a(line);
  if (tokenize == "intl") return tokens_intl(line);
  if (tokenize == "zh") return tokens_zh(line);
  if (tokenize == "char") return tokens_char(line);
  if (tokenize == "none") return split_words(code_points(line));
  fail_input("the tokenization \"{}\" is unknown; choose 13a, intl, zh, char or none", tokenize);
}

}  // namespace heddle::metrics
