#pragma once
// Texts put in another order, so that a model that reads from left to right learns to write what is missing between two
// pieces of text (Bavarian et al. 2022, "Efficient training of language models to fill in the middle"):
//
//   <fim_prefix> prefix <fim_suffix> suffix <fim_middle> middle </s>

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "heddle/base/random.h"

namespace heddle::data {

inline constexpr std::string_view kPrefixToken = "<fim_prefix>", kSuffixToken = "<fim_suffix>",
                                  kMiddleToken = "<fim_middle>";

struct InfillingTokens {
  int32_t prefix, suffix, middle, end;
};

// What a rearranged text has more of.
inline constexpr int64_t kInfillingTokens = 4;

// The text with the middle moved behind its surroundings. The middle's ends are drawn from all places between two
// tokens, both ends of the text among them; each of the three parts may be empty.
std::vector<int32_t> rearranged_for_infilling(std::span<const int32_t> ids, const InfillingTokens& tokens,
                                              RandomStream& random);

// What a model reads before it writes the middle.
std::vector<int32_t> infilling_prompt(std::span<const int32_t> prefix, std::span<const int32_t> suffix,
                                      const InfillingTokens& tokens);

}  // namespace heddle::data
