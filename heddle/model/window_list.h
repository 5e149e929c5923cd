#pragma once
// The widths of several windows as a config writes them: "4, 16, 64".

#include <cstdint>
#include <string_view>
#include <vector>

namespace heddle::model {

inline constexpr size_t kMostWindows = 64;

// Throws InputError that says what is no width, or that there are none or too many.
std::vector<int64_t> windows_from_text(std::string_view text);

}  // namespace heddle::model
