#pragma once
// A look at JSON from outside before a tree is made of it: trees are walked by recursion, and keep
// only the last of two equal keys.

#include <string>
#include <string_view>

namespace heddle {

// Deeper nesting is refused: more than any file of ours, of Hugging Face's, or of safetensors'
// needs.
inline constexpr int kDeepestJson = 64;

// What makes `text` unfit to be read, as the rest of a sentence ("is not valid JSON at byte 17:
// …"); empty: it is fit. Unfit are broken syntax, nesting beyond `deepest`, a key twice in one
// object, and numbers that no double holds. Needs no stack, and memory for the keys alone.
std::string json_problem(std::string_view text, int deepest = kDeepestJson);

}  // namespace heddle
