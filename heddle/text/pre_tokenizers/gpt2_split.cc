#include "heddle/text/pre_tokenizers/gpt2_split.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <bit>
#include <cstring>

#include "heddle/text/pre_tokenizers/contraction.h"
#include "heddle/text/pre_tokenizers/scan.h"

namespace heddle::text {
namespace {

using Bits = uint64_t;
constexpr size_t kBlock = 64;  // bytes that a word of bits stands for

// What the bytes of a block are.
struct Block {
  Bits letter = 0, number = 0, space = 0, other = 0;  // each byte is in one
  Bits blank = 0, apostrophe = 0, wide = 0;           // ' ', '\'', not ASCII
};

// Sixteen bytes, as compilers have them for any processor.
using Bytes = uint8_t __attribute__((vector_size(16)));

Bytes all(uint8_t byte) { return Bytes{} + byte; }

// A bit for each byte, which are 0 or 255.
Bits bits_of(Bytes mask) {
#ifdef __SSE2__
  return static_cast<Bits>(_mm_movemask_epi8(reinterpret_cast<__m128i>(mask)));
#else
  Bits bits = 0;
  for (size_t i = 0; i < sizeof(mask); ++i) bits |= Bits{mask[i] & 1u} << i;
  return bits;
#endif
}

// All but the classes of what is not ASCII, which is in none of the four yet.
Block look_at(const char* bytes) {
  Block block;
  for (size_t i = 0; i < kBlock; i += sizeof(Bytes)) {
    Bytes c;
    std::memcpy(&c, bytes + i, sizeof(c));
    const auto is_between = [](Bytes x, uint8_t first, uint8_t last) {
      return bits_of(reinterpret_cast<Bytes>(x - all(first) <= all(static_cast<uint8_t>(last - first))));
    };
    block.letter |= is_between(c | all(0x20), 'a', 'z') << i;
    block.number |= is_between(c, '0', '9') << i;
    block.blank |= is_between(c, ' ', ' ') << i;
    block.space |= is_between(c, '\t', '\r') << i;
    block.apostrophe |= is_between(c, '\'', '\'') << i;
    block.wide |= is_between(c, 0x80, 0xFF) << i;
  }
  block.space |= block.blank;
  block.other = ~(block.letter | block.number | block.space | block.wide);
  return block;
}

// Goes through a text and says where pieces begin.
class Gpt2Starts {
 public:
  explicit Gpt2Starts(std::string_view text) : text_(text) {}

  // A bit for each byte of the text, in words of 64.
  const std::vector<Bits>& find() {
    words_.clear();
    apostrophes_.clear();
    wide_spaces_.clear();
    Block now = block(0);
    const Block none;
    const Block* before = &none;
    Block kept;
    for (size_t at = 0; at < text_.size(); at += kBlock) {
      const bool is_last = at + kBlock >= text_.size();
      const Block next = is_last ? none : block(at + kBlock);
      // White space that ends the text is one piece, as if more of it followed.
      words_.push_back(starts(*before, now, is_last ? Bits{1} : next.space));
      kept = now;
      before = &kept;
      now = next;
    }
    if (text_.size() % kBlock != 0) words_.back() &= (Bits{1} << (text_.size() % kBlock)) - 1;
    for (const auto& [begin, length] : wide_spaces_) move_to_begin(begin, length);
    for (const size_t at : apostrophes_) cut_contraction(at);
    return words_;
  }

 private:
  static Bits starts(const Block& before, const Block& now, Bits next_space) {
    const auto previous = [](Bits past, Bits bits) { return bits << 1 | past >> 63; };
    const Bits first_of_run = (now.letter & ~previous(before.letter, now.letter)) |
                              (now.number & ~previous(before.number, now.number)) |
                              (now.other & ~previous(before.other, now.other));
    const Bits last_space = now.space & ~(now.space >> 1 | next_space << 63);
    return (first_of_run & ~previous(before.blank, now.blank)) | (now.space & ~previous(before.space, now.space)) |
           last_space;
  }

  Block block(size_t begin) {
    Block found;
    if (begin + kBlock <= text_.size()) {
      found = look_at(text_.data() + begin);
    } else {
      char tail[kBlock];
      std::memset(tail, ' ', kBlock);
      std::memcpy(tail, text_.data() + begin, text_.size() - begin);
      found = look_at(tail);
    }
    for (Bits bits = found.apostrophe; bits != 0; bits &= bits - 1)
      apostrophes_.push_back(begin + static_cast<size_t>(std::countr_zero(bits)));
    if (found.wide != 0) class_wide(begin, found);
    return found;
  }

  // The code points of this block that are not ASCII; the last may go on in the next.
  void class_wide(size_t begin, Block& block) {
    size_t at = wide_end_ > begin ? wide_end_ - begin : 0;
    if (at > 0) add(wide_kinds_, (Bits{1} << at) - 1, block);
    for (Bits rest = at < kBlock ? block.wide >> at << at : 0; rest != 0;) {
      at = static_cast<size_t>(std::countr_zero(rest));
      const CodePoint point = decode(text_.data() + begin + at);
      const auto length = static_cast<size_t>(point.length);
      const Bits bits = ((Bits{1} << length) - 1) << at;
      wide_kinds_ = kinds_of(point.value);
      wide_end_ = begin + at + length;
      if (wide_kinds_ & kSpace) wide_spaces_.emplace_back(begin + at, length);
      add(wide_kinds_, bits, block);
      rest &= ~bits;
    }
  }

  static void add(Kinds kinds, Bits bits, Block& block) {
    (kinds & kLetter   ? block.letter
     : kinds & kNumber ? block.number
     : kinds & kSpace  ? block.space
                       : block.other) |= bits;
  }

  bool has(size_t at) const { return words_[at / kBlock] >> at % kBlock & 1; }
  void set(size_t at) { words_[at / kBlock] |= Bits{1} << at % kBlock; }
  void clear(size_t at) { words_[at / kBlock] &= ~(Bits{1} << at % kBlock); }

  // The last of a run of white space was marked by its last byte.
  void move_to_begin(size_t begin, size_t length) {
    if (!has(begin + length - 1)) return;
    clear(begin + length - 1);
    set(begin);
  }
  void cut_contraction(size_t at) {
    if (!has(at)) return;
    const size_t length = contraction(text_, at);
    for (size_t i = 1; i < length; ++i) clear(at + i);
    if (length > 0 && at + length < text_.size()) set(at + length);
  }

  std::string_view text_;
  size_t wide_end_ = 0;  // of the last code point that is not ASCII
  Kinds wide_kinds_ = 0;
  // Storage is kept from one text to the next.
  inline static thread_local std::vector<Bits> words_;
  inline static thread_local std::vector<size_t> apostrophes_;
  inline static thread_local std::vector<std::pair<size_t, size_t>> wide_spaces_;  // begin and length
};

}  // namespace

void split_gpt2(std::string_view text, uint32_t base, std::vector<Piece>& pieces) {
  if (text.empty()) return;
  const std::vector<Bits>& words = Gpt2Starts(text).find();
  size_t count = 0;
  for (const Bits word : words) count += static_cast<size_t>(std::popcount(word));
  pieces.resize(pieces.size() + count);
  // The first piece begins with the text; each other one ends the one before it.
  Piece* piece = pieces.data() + pieces.size() - count;
  uint32_t begin = base;
  for (size_t i = 0; i < words.size(); ++i) {
    const uint32_t at = base + static_cast<uint32_t>(i * kBlock);
    for (Bits word = i == 0 ? words[i] & ~Bits{1} : words[i]; word != 0; word &= word - 1) {
      const uint32_t next = at + static_cast<uint32_t>(std::countr_zero(word));
      *piece++ = {begin, next};
      begin = next;
    }
  }
  *piece = {begin, base + static_cast<uint32_t>(text.size())};
}

}  // namespace heddle::text
