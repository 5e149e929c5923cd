#pragma once
// Every occurrence of one string in another becomes a third.

#include <string>
#include <string_view>

namespace heddle::text {

// As Rust's str::replace: from left to right, not looking again at what was put in; an empty `from` stands before every
// code point and at the end.
std::string replace_all(std::string_view text, std::string_view from, std::string_view to);

}  // namespace heddle::text
