#pragma once
// Where a tensor's bytes live. A value, so that a second kind of device is a new kind, not a new type.

#include <cstdint>

namespace heddle {

enum class DeviceKind : uint8_t { cpu };

struct Device {
  DeviceKind kind = DeviceKind::cpu;
  uint8_t index = 0;

  bool operator==(const Device&) const = default;
};

}  // namespace heddle
