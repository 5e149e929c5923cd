#pragma once
// How each token was written in the text, as an input of its own beside the ids of a tokenizer that makes letters
// small.

#include <cstdint>
#include <string_view>
#include <vector>

#include "heddle/text/encoding.h"

namespace heddle::text {

enum class Case : int32_t {
  none,   // no letters that come large and small: numbers, punctuation, most scripts; tokens that are not from the text
  lower,  // the
  title,  // The
  upper,  // THE, of more than one letter
  mixed,  // iPhone
};
inline constexpr int32_t kCases = 5;

Case case_of(std::string_view text);

// Of each token of `encoding`, whose offsets are bytes of `text`.
std::vector<Case> case_feature(const Encoding& encoding, std::string_view text);

}  // namespace heddle::text
