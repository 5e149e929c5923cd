#include "heddle/text/pre_tokenizers/split_behavior.h"

#include <array>

namespace heddle::text {
namespace {

constexpr std::array kBehaviorNames = {"Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"};

}  // namespace

SplitBehavior read_split_behavior(const JsonView& json) {
  for (size_t i = 0; i < kBehaviorNames.size(); ++i)
    if (json.text() == kBehaviorNames[i]) return static_cast<SplitBehavior>(i);
  json.fail("\"{}\" is no way to cut; there are Removed, Isolated, MergedWithPrevious, MergedWithNext and Contiguous",
            json.text().substr(0, 100));
}

const char* name_of(SplitBehavior behavior) { return kBehaviorNames[static_cast<size_t>(behavior)]; }

}  // namespace heddle::text
