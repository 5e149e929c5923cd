#pragma once
// Some layers of a stack by a short text: "all", "3", "0-2", "every 2".

#include <cstdint>
#include <string_view>

namespace heddle::model {

// Whether the choice, which is the value of `key`, names this layer. Throws InputError for another text.
bool names_layer(std::string_view key, std::string_view choice, int64_t layer);

}  // namespace heddle::model
