#pragma once
// The names of heddle/base/utf8.h for those who work with text.

#include "heddle/base/utf8.h"

namespace heddle::text {

using heddle::append_utf8;
using heddle::CodePoint;
using heddle::is_valid_utf8;
using heddle::read_code_point;
using heddle::repair_utf8;

}  // namespace heddle::text
