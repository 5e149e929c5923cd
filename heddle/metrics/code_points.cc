#include "heddle/metrics/code_points.h"

#include <utf8proc.h>

#include <algorithm>
#include <iterator>

#include "heddle/text/utf8.h"

namespace heddle::metrics {
namespace {

constexpr int32_t kReplacement = 0xFFFD;
constexpr int32_t kCapitalIWithDot = 0x130, kDotAbove = 0x307;
constexpr int32_t kCapitalSigma = 0x3A3, kSigma = 0x3C3, kFinalSigma = 0x3C2;

// The property Cased: letters of a case, whatever a case mapping changes, and the letter-like signs
// of a case that have no mapping (ordinals, and capitals in squares and circles).
bool is_cased(int32_t point) {
  const auto category = utf8proc_category(point);
  return category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LL || category == UTF8PROC_CATEGORY_LT ||
         utf8proc_tolower(point) != point || utf8proc_toupper(point) != point || point == 0xAA || point == 0xBA ||
         (point >= 0x1F130 && point <= 0x1F149) || (point >= 0x1F150 && point <= 0x1F169) ||
         (point >= 0x1F170 && point <= 0x1F189);
}

// Does not end a word when the next letter of a sigma is looked for (the property Case_Ignorable):
// marks, formats, modifiers, and the punctuation of words (Word_Break MidLetter, MidNumLet and
// Single_Quote).
bool is_case_ignorable(int32_t point) {
  static constexpr int32_t kInsideWords[] = {0x27,   0x2E,   0x3A,   0xB7,   0x387,  0x55F,  0x5F4,  0x2018, 0x2019,
                                             0x2024, 0x2027, 0xFE13, 0xFE52, 0xFE55, 0xFF07, 0xFF0E, 0xFF1A};
  switch (utf8proc_category(point)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK: return true;
    default: return std::ranges::binary_search(kInsideWords, point);
  }
}

// A sigma is final behind a cased letter and not before one.
bool is_final_sigma(const CodePoints& points, size_t at) {
  const auto sigma = points.begin() + static_cast<std::ptrdiff_t>(at);
  const auto before = std::find_if_not(std::make_reverse_iterator(sigma), points.rend(),
                                       [](int32_t c) { return is_case_ignorable(c); });
  if (before == points.rend() || !is_cased(*before)) return false;
  const auto behind = std::find_if_not(sigma + 1, points.end(), is_case_ignorable);
  return behind == points.end() || !is_cased(*behind);
}

}  // namespace

CodePoints code_points(std::string_view line) {
  CodePoints points;
  points.reserve(line.size());
  for (size_t at = 0; at < line.size();) {
    const text::CodePoint point = text::read_code_point(line, at);
    points.push_back(point.value < 0 ? kReplacement : point.value);
    at += static_cast<size_t>(point.length);
  }
  return points;
}

std::string to_utf8(const CodePoints& points) {
  std::string text;
  for (int32_t point : points) text::append_utf8(text, point);
  return text;
}

bool is_space(int32_t point) {
  if (point < 0x80) return point == ' ' || (point >= 9 && point <= 13) || (point >= 0x1C && point <= 0x1F);
  if (point == 0x85) return true;
  const auto category = utf8proc_category(point);
  return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

CodePoints strip_left(CodePoints points) {
  points.erase(points.begin(), std::find_if_not(points.begin(), points.end(), is_space));
  return points;
}

CodePoints strip_right(CodePoints points) {
  while (!points.empty() && is_space(points.back())) points.pop_back();
  return points;
}

std::vector<std::string> split_words(const CodePoints& points) {
  std::vector<std::string> words;
  std::string word;
  for (int32_t point : points) {
    if (!is_space(point)) {
      text::append_utf8(word, point);
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

std::string lowercase(std::string_view text) {
  const CodePoints points = code_points(text);
  CodePoints lower;
  lower.reserve(points.size());
  for (size_t i = 0; i < points.size(); ++i) {
    if (points[i] == kCapitalSigma) {
      lower.push_back(is_final_sigma(points, i) ? kFinalSigma : kSigma);
    } else if (points[i] == kCapitalIWithDot) {
      lower.insert(lower.end(), {'i', kDotAbove});
    } else {
      lower.push_back(utf8proc_tolower(points[i]));
    }
  }
  return to_utf8(lower);
}

}  // namespace heddle::metrics
