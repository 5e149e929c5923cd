#pragma once
// The tokenizations of sacreBLEU:
//   13a   mteval-v13a: ASCII punctuation apart, but not a stop or comma between digits
//   intl  mteval-v14: the same for all punctuation and symbols of Unicode
//   zh    each Chinese character apart, the rest as 13a
//   char  each character apart
//   none  as the white space stands
// A line is one line: a line feed in it is white space.

#include <string>
#include <string_view>
#include <vector>

namespace heddle::metrics {

// Throws InputError for a name that is not 13a, intl, zh, char or none.
std::vector<std::string> bleu_tokens(const std::string& tokenize, std::string_view line);

}  // namespace heddle::metrics
