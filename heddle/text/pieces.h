#pragma once
// A normalized text cut into pieces: words, runs of punctuation, added tokens. Pre-tokenizers cut further and may
// change what is in a piece; the model then turns each piece into tokens by itself.

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string_view>
#include <vector>

#include "heddle/text/aligned_text.h"

namespace heddle::text {

// Bytes [begin, end) of the text, never empty.
struct Piece {
  static constexpr int32_t kNone = -1;

  uint32_t begin, end;
  int32_t added = kNone;  // the id of the added token that this is, which nobody cuts or changes
};

// Appends the places where the pieces of `text` begin, whose first byte stands at `base`: it is not empty, so `base` is
// the first. Each piece ends where the next begins.
using SplitFunction = void (*)(std::string_view text, uint32_t base, std::vector<uint32_t>& begins);

class Pieces {
 public:
  class Iterator;

  // The whole text is one piece. Storage is kept from one text to the next.
  void reset(AlignedText text);

  const AlignedText& aligned() const { return text_; }
  std::string_view text(const Piece& piece) const { return text_.text().substr(piece.begin, piece.end - piece.begin); }
  size_t size() const { return borders_.empty() ? pieces_.size() : borders_.size() - 1; }
  Piece operator[](size_t i) const { return borders_.empty() ? pieces_[i] : Piece{borders_[i], borders_[i + 1]}; }
  Iterator begin() const;
  Iterator end() const;
  // Where each piece begins and the last one ends, if they follow one another and none is an added token; may be empty
  // even so.
  std::span<const uint32_t> borders() const { return borders_; }

  // Cuts each piece: cut(text, emit) calls emit(begin, end) from left to right with places in that piece's text; what
  // it leaves out is dropped, and what is empty. emit(begin, end, id) makes the piece an added token.
  template <class Cut>
  void split(Cut&& cut) {
    write_byte_characters();
    write_pieces();
    cut_.clear();
    for (const Piece& piece : pieces_) {
      const auto emit = [this, from = piece.begin](size_t begin, size_t end, int32_t added = Piece::kNone) {
        if (begin < end)
          cut_.push_back({from + static_cast<uint32_t>(begin), from + static_cast<uint32_t>(end), added});
      };
      if (piece.added != Piece::kNone) cut_.push_back(piece);
      else cut(text(piece), emit);
    }
    pieces_.swap(cut_);
  }

  // The same by a function that leaves nothing out.
  void split_by(SplitFunction function);

  // Replaces the text of each piece: write(out, text) reads all of the piece's text from `out`, and no more.
  template <class Write>
  void rewrite(Write&& write) {
    write_byte_characters();
    write_pieces();
    Rewrite out(text_);
    for (Piece& piece : pieces_) {
      out.drop(piece.begin - out.at());
      const size_t begin = out.written();
      if (piece.added == Piece::kNone) write(out, text(piece));
      else out.keep(piece.end - piece.begin);
      piece = {static_cast<uint32_t>(begin), static_cast<uint32_t>(out.written()), piece.added};
    }
    out.finish();
    drop_empty();
  }

  // Byte-level BPE reads bytes as characters of its own (heddle/text/byte_level.h). Pieces only note that; a model
  // that knows bytes then reads them directly, and who asks for characters has them written.
  void read_as_bytes() { as_bytes_ = true; }
  bool as_bytes() const { return as_bytes_; }
  void write_byte_characters();

 private:
  void write_pieces();
  void drop_empty();

  AlignedText text_{"", false};
  // Borders in place of pieces where they say all there is: most texts are cut just once, and into many pieces.
  std::vector<uint32_t> borders_;
  std::vector<Piece> pieces_, cut_;
  bool as_bytes_ = false;
};

class Pieces::Iterator {
 public:
  using value_type = Piece;
  using difference_type = std::ptrdiff_t;

  Iterator() = default;
  Iterator(const Pieces& pieces, size_t at) : pieces_(&pieces), at_(at) {}

  Piece operator*() const { return (*pieces_)[at_]; }
  Iterator& operator++() {
    ++at_;
    return *this;
  }
  Iterator operator++(int) {
    Iterator before = *this;
    ++at_;
    return before;
  }
  bool operator==(const Iterator&) const = default;

 private:
  const Pieces* pieces_ = nullptr;
  size_t at_ = 0;
};

inline Pieces::Iterator Pieces::begin() const { return {*this, 0}; }
inline Pieces::Iterator Pieces::end() const { return {*this, size()}; }

}  // namespace heddle::text
