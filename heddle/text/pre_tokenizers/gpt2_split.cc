#include "heddle/text/pre_tokenizers/gpt2_split.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "heddle/kernels/bit_places.h"
#include "heddle/kernels/byte_kinds.h"
#include "heddle/text/pre_tokenizers/contraction.h"
#include "heddle/text/pre_tokenizers/scan.h"

namespace heddle::text {
namespace {

using kernels::ByteKinds;
using Bits = uint64_t;
constexpr size_t kBits = 64;   // of a word, each for a byte
constexpr size_t kWords = 64;  // that are filled at a time

// Goes through a text and says where pieces begin.
class Gpt2Starts {
 public:
  explicit Gpt2Starts(std::string_view text) : text_(text) {}

  // A bit for each byte of the text, in words of 64.
  const std::vector<Bits>& find() {
    words_.clear();
    apostrophes_.clear();
    wide_spaces_.clear();
    std::array<ByteKinds, kWords> kinds;
    ByteKinds before;
    for (size_t at = 0; at < text_.size();) {
      const size_t count = look(at, kinds);
      for (size_t i = 0; i < count; ++i, at += kBits) {
        class_others(at, kinds[i]);
        if (before.space >> (kBits - 1) & ~kinds[i].space & 1) words_.back() |= Bits{1} << (kBits - 1);
        words_.push_back(starts(before, kinds[i]) | (at == 0));
        before = kinds[i];
      }
    }
    if (text_.size() % kBits != 0) words_.back() &= (Bits{1} << (text_.size() % kBits)) - 1;
    for (const auto& [begin, length] : wide_spaces_) move_to_begin(begin, length);
    for (const size_t at : apostrophes_) cut_contraction(at);
    return words_;
  }

 private:
  // All but whether white space that ends the word is the last of its run, which the next word says. White space that
  // ends the text is one piece, as if more of it followed.
  static Bits starts(const ByteKinds& before, const ByteKinds& now) {
    const auto previous = [](Bits past, Bits bits) { return bits << 1 | past >> (kBits - 1); };
    const Bits first_of_run = (now.letter & ~previous(before.letter, now.letter)) |
                              (now.digit & ~previous(before.digit, now.digit)) |
                              (other(now) & ~previous(other(before), other(now)));
    const Bits last_space = now.space & ~(now.space >> 1 | Bits{1} << (kBits - 1));
    return (first_of_run & ~previous(before.blank, now.blank)) | (now.space & ~previous(before.space, now.space)) |
           last_space;
  }
  static Bits other(const ByteKinds& kinds) { return ~(kinds.letter | kinds.digit | kinds.space); }

  // Kinds of the words from `begin` on, white space behind the text; how many words these are.
  size_t look(size_t begin, std::array<ByteKinds, kWords>& kinds) const {
    const size_t left = text_.size() - begin, whole = std::min(left / kBits, kWords);
    kernels::find_byte_kinds(text_.data() + begin, whole, kinds.data());
    if (whole == kWords || left % kBits == 0) return whole;
    char tail[kBits];
    std::memset(tail, ' ', kBits);
    std::memcpy(tail, text_.data() + begin + whole * kBits, left % kBits);
    kernels::find_byte_kinds(tail, 1, &kinds[whole]);
    return whole + 1;
  }

  void class_others(size_t begin, ByteKinds& kinds) {
    for (Bits bits = kinds.apostrophe; bits != 0; bits &= bits - 1)
      apostrophes_.push_back(begin + static_cast<size_t>(std::countr_zero(bits)));
    if (kinds.wide != 0) class_wide(begin, kinds);
  }

  // The code points of this word that are not ASCII; the last may go on in the next.
  void class_wide(size_t begin, ByteKinds& kinds) {
    size_t at = wide_end_ > begin ? wide_end_ - begin : 0;
    if (at > 0) add(wide_kinds_, (Bits{1} << at) - 1, kinds);
    for (Bits rest = at < kBits ? kinds.wide >> at << at : 0; rest != 0;) {
      at = static_cast<size_t>(std::countr_zero(rest));
      const CodePoint point = decode(text_.data() + begin + at);
      const auto length = static_cast<size_t>(point.length);
      const Bits bits = ((Bits{1} << length) - 1) << at;
      wide_kinds_ = kinds_of(point.value);
      wide_end_ = begin + at + length;
      if (wide_kinds_ & kSpace) wide_spaces_.emplace_back(begin + at, length);
      add(wide_kinds_, bits, kinds);
      rest &= ~bits;
    }
  }

  static void add(Kinds wide, Bits bits, ByteKinds& kinds) {
    if (wide & kLetter) kinds.letter |= bits;
    else if (wide & kNumber) kinds.digit |= bits;
    else if (wide & kSpace) kinds.space |= bits;
  }

  bool has(size_t at) const { return words_[at / kBits] >> at % kBits & 1; }
  void set(size_t at) { words_[at / kBits] |= Bits{1} << at % kBits; }
  void clear(size_t at) { words_[at / kBits] &= ~(Bits{1} << at % kBits); }

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

void split_gpt2(std::string_view text, uint32_t base, std::vector<uint32_t>& begins) {
  const std::vector<Bits>& words = Gpt2Starts(text).find();
  const size_t before = begins.size(), count = kernels::count_bits(words.data(), words.size());
  begins.resize(before + count + kernels::kMostPlacesAtOnce);
  kernels::write_bit_places(words.data(), words.size(), base, begins.data() + before);
  begins.resize(before + count);
}

}  // namespace heddle::text
