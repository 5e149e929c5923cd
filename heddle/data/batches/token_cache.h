#pragma once
// Token ids on disk, read through memory: a corpus is tokenized once, whatever its size, and runs share the pages.
//
// A cache is a file named by a hash of the data and the tokenizer, so that a changed text never meets old ids. Of two
// runs that need the same cache at once, one builds it and the other waits. A build that is killed leaves nothing
// behind that would be read.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "heddle/base/file.h"

namespace heddle::data {

// 32 hexadecimal digits, from the bytes of the files in order and the tokenizer's text.
std::string cache_key(std::span<const std::filesystem::path> files, std::string_view tokenizer);

class TokenCache {
 public:
  // Calls its argument with the ids of each sequence, in order.
  using Fill = std::function<void(const std::function<void(std::span<const int32_t>)>& add)>;

  // The cache `key` in `folder`, which is made if it is not there; `fill` runs only when nobody has built it, or when
  // the file is damaged. Memory while building: 8 bytes a sequence. Throws SystemError where nothing can be written.
  static TokenCache open(const std::filesystem::path& folder, const std::string& key, const Fill& fill);

  int64_t size() const { return std::ssize(offsets_) - 1; }
  int64_t tokens() const { return offsets_.back(); }
  std::span<const int32_t> operator[](int64_t i) const {
    const int64_t from = offsets_[static_cast<size_t>(i)], to = offsets_[static_cast<size_t>(i) + 1];
    return ids_.subspan(static_cast<size_t>(from), static_cast<size_t>(to - from));
  }

 private:
  // False for a file that is not whole.
  bool map(const std::filesystem::path& file, const std::string& key);

  std::unique_ptr<MappedFile> mapped_;
  std::span<const int32_t> ids_;
  std::span<const int64_t> offsets_;
};

}  // namespace heddle::data
