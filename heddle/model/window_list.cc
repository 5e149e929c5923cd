#include "heddle/model/window_list.h"

#include <charconv>

#include "heddle/base/comma_list.h"
#include "heddle/base/error.h"

namespace heddle::model {

std::vector<int64_t> windows_from_text(std::string_view text) {
  constexpr int64_t kWidest = 1 << 30;
  std::vector<int64_t> windows;
  for (const std::string_view one : comma_list(text)) {
    int64_t width = 0;
    const auto [end, error] = std::from_chars(one.data(), one.data() + one.size(), width);
    if (error != std::errc() || end != one.data() + one.size() || width < 1 || width > kWidest)
      fail_input(
          "model.attention.windows = \"{}\" has \"{}\" where a width in tokens is expected; write whole numbers from 1 "
          "on, such as \"4, 16, 64\"",
          text, one);
    windows.push_back(width);
    if (windows.size() > kMostWindows)
      fail_input("model.attention.windows = \"{}\" has more than {} widths; write fewer", text, kMostWindows);
  }
  return windows;
}

}  // namespace heddle::model
