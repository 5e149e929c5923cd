#pragma once
// Lines as code points, with the white space, words and lower case of Python's str: sacreBLEU is
// written in Python, and scores agree with its scores only when these do.
//
// Bytes that are not UTF-8 count as U+FFFD, one for each broken sequence.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::metrics {

using CodePoints = std::vector<int32_t>;

CodePoints code_points(std::string_view line);
std::string to_utf8(const CodePoints& points);

// str.isspace(): the separators of Unicode (Zs, Zl, Zp), tab to carriage return, U+001C to U+001F
// and U+0085.
bool is_space(int32_t point);

// str.lstrip() and str.rstrip().
CodePoints strip_left(CodePoints points);
CodePoints strip_right(CodePoints points);

// str.split(): the runs between white space, none of them empty.
std::vector<std::string> split_words(const CodePoints& points);

// str.lower(): the simple mapping of Unicode, but a capital sigma that ends a word becomes a final
// sigma (SpecialCasing.txt), and U+0130 becomes an i with a dot above.
std::string lowercase(std::string_view text);

}  // namespace heddle::metrics
