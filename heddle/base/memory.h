#pragma once
// Memory that this process uses, as the system counts it.

#include <cstdint>

namespace heddle {

// The most that was resident at once since this program began.
int64_t peak_rss_bytes();
// What the heap has handed out and not got back; 0 where the C library does not tell.
int64_t heap_bytes();

}  // namespace heddle
