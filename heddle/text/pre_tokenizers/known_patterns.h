#pragma once
// The patterns of well-known tokenizers, written out by hand: what a regular expression does in microseconds takes
// nanoseconds here. Tests hold each against its pattern.

#include <string_view>
#include <vector>

#include "heddle/text/pieces.h"
#include "heddle/text/pre_tokenizers/gpt2_split.h"

namespace heddle::text {

struct KnownPattern {
  const char* name;
  const char* pattern;
  SplitFunction split;  // into the matches, and what lies between them
};

const std::vector<KnownPattern>& known_patterns();
// nullptr: nobody has written this one out.
SplitFunction known_split(std::string_view pattern);

}  // namespace heddle::text
