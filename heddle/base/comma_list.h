#pragma once
// Values that a config writes into one string: "news, talks".

#include <string_view>
#include <vector>

namespace heddle {

// What stands between the commas, without the spaces around it; views into `text`. Of "" one part, "".
std::vector<std::string_view> comma_list(std::string_view text);

}  // namespace heddle
