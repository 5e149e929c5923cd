#pragma once
// What a tokenizer makes of a text, in full: a token per row, in columns.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace heddle::text {

// What offsets count: bytes of the original, or its code points.
enum class OffsetUnit { bytes, characters };

// [begin, end) of the original.
struct Offsets {
  int64_t begin = 0, end = 0;
  bool operator==(const Offsets&) const = default;
};

enum class Side { left, right };

struct Encoding {
  static constexpr int32_t kNone = -1;
  static constexpr size_t kMostRows = size_t{1}
                                      << 23;  // of what overflows: of parts that overlap, or of pairs of parts

  std::vector<int32_t> ids;
  std::vector<int32_t> type_ids;        // 0, or 1 for the second text of a pair
  std::vector<std::string> tokens;      // as the vocabulary has them; unknown ones as the text has them
  std::vector<Offsets> offsets;         // {0, 0} of tokens that are not from the text
  std::vector<int32_t> words;           // which piece of its text; kNone of tokens that are not from the text
  std::vector<int32_t> sequences;       // which text: 0, 1, or kNone
  std::vector<int32_t> special_mask;    // 1: put there by the post-processor or as padding
  std::vector<int32_t> attention_mask;  // 0: padding
  std::vector<Encoding> overflowing;    // what truncation cut off, each as long as this one may be

  size_t size() const { return ids.size(); }

  void push(int32_t id, std::string token, Offsets where, int32_t word);
  // A token that is not from the text.
  void push_special(int32_t id, std::string token, int32_t type_id);
  void set_type(int32_t type_id) { type_ids.assign(size(), type_id); }
  void set_sequence(int32_t sequence) { sequences.assign(size(), sequence); }

  // `other` follows. What overflowed of either is put together with the other and all that overflowed of it. Throws
  // InputError if that is too much.
  void append(const Encoding& other);
  // At most `length` rows stay; the rest overflows in parts of that length, each sharing `stride` rows with the one
  // before. `side` says from where rows are cut. stride < length, or length is 0. Throws InputError if parts overlap so
  // far that they are too much.
  void truncate(size_t length, size_t stride, Side side);
  // Rows for padding until there are `length`, here and in what overflowed.
  void pad(size_t length, int32_t id, int32_t type_id, const std::string& token, Side side);

 private:
  Encoding part(size_t begin, size_t end) const;
};

}  // namespace heddle::text
