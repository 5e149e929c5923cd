#pragma once
// Memory that this process uses, as the system counts it.

#include <cstdint>

namespace heddle {

int64_t peak_rss_bytes();

}  // namespace heddle
