#pragma once
// The valid name that a mistyped one probably means, by edit distance (Levenshtein 1966).

#include <string>
#include <string_view>
#include <vector>

namespace heddle {

// Empty when nothing is near (more than a third of the letters differ, or more than two of a short name).
std::string nearest_name(std::string_view wrong, const std::vector<std::string>& valid);

}  // namespace heddle
