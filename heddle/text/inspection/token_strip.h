#pragma once
// A text's tokens side by side, each with its id and the bytes it came from.

#include <string_view>
#include <vector>

#include "heddle/report/strip.h"
#include "heddle/text/tokenizer.h"

namespace heddle::text {

std::vector<report::StripCell> token_strip(const Tokenizer& tokenizer, std::string_view text);

}  // namespace heddle::text
