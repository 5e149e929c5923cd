#pragma once
// Word vectors as files of a test's own.

#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tests/places/temporary_folder.h"

namespace heddle::text {

using Entries = std::vector<std::pair<std::string, std::vector<float>>>;

inline std::string as_bytes(std::span<const float> values) {
  std::string bytes(values.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

inline std::string as_binary(const Entries& entries, const std::string& after_each) {
  std::string bytes = std::to_string(entries.size()) + " " + std::to_string(entries[0].second.size()) + "\n";
  for (const auto& [word, values] : entries) bytes += word + " " + as_bytes(values) + after_each;
  return bytes;
}

}  // namespace heddle::text
