#pragma once
// Bytes as text, 64 characters to choose from (RFC 4648).

#include <string>
#include <string_view>

#include "heddle/text/json/json_view.h"

namespace heddle::text {

std::string to_base64(std::string_view bytes);
// Throws InputError for a text that is no base 64.
std::string from_base64(std::string_view text);
std::string from_base64(const JsonView& text);  // which names the place

}  // namespace heddle::text
