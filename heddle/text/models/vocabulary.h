#pragma once
// Tokens by id and ids by token: all texts in one pool, found by open addressing. Read-only once built, so any number
// of threads may ask at once.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/text/json/json_view.h"
#include "heddle/text/json/json_writer.h"

namespace heddle::text {

class Vocabulary {
 public:
  static constexpr int32_t kNone = -1;

  Vocabulary() = default;
  // Ids are places in `tokens`. Of two equal tokens the later is found; an id whose token is std::nullopt is free.
  explicit Vocabulary(const std::vector<std::optional<std::string>>& tokens);
  explicit Vocabulary(const std::vector<std::string>& tokens);
  // The object "vocab" of a tokenizer.json, token: id. Ids may leave holes, below twice their number (and 1,024) for
  // what added tokens fill; an id twice is an InputError.
  static Vocabulary read(const JsonView& vocab);
  void write(JsonWriter& json) const;  // as that object, by id

  // Ids are below size(); count() of them have tokens.
  int32_t size() const { return static_cast<int32_t>(begins_.size()) - 1; }
  int32_t count() const { return count_; }
  bool has(int32_t id) const { return id >= 0 && id < size() && !free_[static_cast<size_t>(id)]; }
  // has(id) holds; the view lives as long as the vocabulary.
  std::string_view token(int32_t id) const {
    const auto i = static_cast<size_t>(id);
    return std::string_view(pool_).substr(begins_[i], begins_[i + 1] - begins_[i]);
  }
  int32_t find(std::string_view token) const;  // kNone: it has none

 private:
  struct Slot {
    uint32_t hash;
    int32_t id = kNone;
  };

  std::string pool_;
  std::vector<uint64_t> begins_ = {0};  // by id, and the end
  std::vector<bool> free_;
  std::vector<Slot> slots_;  // a power of two, at most half full
  int32_t count_ = 0;
};

}  // namespace heddle::text
