#pragma once
// The tokenizations of sacreBLEU: mteval-v13a, international (Unicode punctuation and symbols), Chinese, and
// characters.

#include <string>
#include <string_view>
#include <vector>

namespace heddle::metrics {

// Throws InputError for a name that is not 13a, intl, zh, char or none.
std::vector<std::string> bleu_tokens(const std::string& tokenize, std::string_view line);

// Lower case of every code point.
std::string lowercase(std::string_view text);

}  // namespace heddle::metrics
