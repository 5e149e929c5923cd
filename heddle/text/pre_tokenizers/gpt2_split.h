#pragma once
// GPT-2's pattern (Radford et al. 2019), 64 bytes at a time:
//   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//
// Letters, numbers, white space and the rest are four sets of bits, a bit for each byte. Where pieces begin follows
// from them by shifts: at the first of a run of letters, numbers or the rest, unless a blank stands before it; at the
// first of a run of white space; and at its last, which goes with what follows. Only contractions are looked at one by
// one.

#include <string_view>
#include <vector>

#include "heddle/text/pieces.h"

namespace heddle::text {

// A SplitFunction, of valid UTF-8.
void split_gpt2(std::string_view text, uint32_t base, std::vector<uint32_t>& begins);

}  // namespace heddle::text
