#pragma once
// A look at TOML from outside before a tree is made of it: the parser bounds brackets, but not the
// parts of a dotted key, and trees are freed by recursion.

#include <cstdint>
#include <string_view>

namespace heddle {

// No key of ours has more parts than this (model.decoder.cross.heads has four).
inline constexpr int kMostKeyParts = 16;

// The line, from 1, of the first key with more than kMostKeyParts parts; 0 when there is none.
int64_t line_of_endless_key(std::string_view toml);

}  // namespace heddle
