#include "heddle/tensor/arena.h"

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "heddle/base/error.h"

namespace heddle {
namespace {

constexpr int64_t kAlignment = 64;
constexpr int64_t kSmallestChunk = int64_t{1} << 20;
constexpr int64_t kLargest = int64_t{1} << 40;
constexpr int64_t kFree = -1;  // in place of a count of handles

// Sizes are counted in units of 64 bytes: each below 32 is a class of its own, then 32 classes share a power of two.
struct SizeClass {
  int index;
  int64_t bytes;  // the least of the class
};

int64_t units_of(int64_t bytes) { return (bytes + kAlignment - 1) / kAlignment; }

// The class that holds pieces of so many bytes.
SizeClass class_of(int64_t bytes) {
  const auto units = static_cast<uint64_t>(bytes / kAlignment);
  const int shift = std::max(0, static_cast<int>(std::bit_width(units)) - 6);
  return {shift * 32 + static_cast<int>(units >> shift), static_cast<int64_t>(units >> shift << shift) * kAlignment};
}

// The first class whose pieces all hold so many bytes: at most 3 % of a piece is unused.
SizeClass class_for(int64_t bytes) {
  const auto units = static_cast<uint64_t>(units_of(bytes));
  const int shift = std::max(0, static_cast<int>(std::bit_width(units)) - 6);
  const uint64_t rest = (uint64_t{1} << shift) - 1;
  return class_of(static_cast<int64_t>((units + rest) & ~rest) * kAlignment);
}

ArenaPiece* piece_at(ArenaPiece* piece, int64_t bytes) {
  return reinterpret_cast<ArenaPiece*>(reinterpret_cast<std::byte*>(piece) + bytes);
}

// A free piece keeps its neighbours in the list of its class in its body.
struct Links {
  ArenaPiece *next, *previous;
};
Links& links_of(ArenaPiece* piece) { return *static_cast<Links*>(Arena::data_of(piece)); }

}  // namespace

// A chunk ends in a header that is never free, so that every piece has one behind it.
struct Arena::Chunk {
  std::unique_ptr<std::byte, decltype(&std::free)> data;
  int64_t bytes;
};

Arena::Arena() : lifetime_(Storage::lifetime()) {}

Arena::~Arena() { lifetime()->end_generation(); }

ArenaPiece* Arena::take(int64_t bytes) {
  HEDDLE_CHECK(bytes >= 0, "an arena piece cannot have {} bytes", bytes);
  if (bytes > kLargest)
    fail_system("cannot allocate {} bytes of working memory; use smaller batches or a smaller model", bytes);
  const auto [index, rounded] = class_for(std::max<int64_t>(bytes, sizeof(Links)) + kHeader);
  ArenaPiece* piece = find_free(index);
  if (piece == nullptr) {
    add_chunk(rounded);
    piece = find_free(index);
  }
  unlink(piece);
  cut(piece, rounded);
  piece->arena = this;
  piece->handles = 0;
  in_use_ += piece->bytes;
  peak_ = std::max(peak_, in_use_);
  return piece;
}

// A free piece keeps its first `bytes`; the rest becomes a free piece of its own, if it can hold anything.
void Arena::cut(ArenaPiece* piece, int64_t bytes) {
  const int64_t rest = piece->bytes - bytes;
  if (rest < 2 * kHeader) return;
  piece_at(piece, piece->bytes)->before = rest;
  piece->bytes = bytes;
  link(new (piece_at(piece, bytes)) ArenaPiece{this, rest, bytes, kFree});
}

void Arena::give_back(ArenaPiece* piece) {
  in_use_ -= piece->bytes;
  ArenaPiece* behind = piece_at(piece, piece->bytes);
  if (behind->handles == kFree) {
    unlink(behind);
    piece->bytes += behind->bytes;
  }
  ArenaPiece* front = piece_at(piece, -piece->before);
  if (piece->before > 0 && front->handles == kFree) {
    unlink(front);
    front->bytes += piece->bytes;
    piece = front;
  }
  piece_at(piece, piece->bytes)->before = piece->bytes;
  link(piece);
}

// Of the smallest class from `size_class` on that has any; nullptr if none has.
ArenaPiece* Arena::find_free(int size_class) const {
  auto word = static_cast<size_t>(size_class) / 64;
  uint64_t bits = some_free_[word] & ~uint64_t{0} << size_class % 64;
  while (bits == 0) {
    if (++word == some_free_.size()) return nullptr;
    bits = some_free_[word];
  }
  return free_[word * 64 + static_cast<size_t>(std::countr_zero(bits))];
}

void Arena::link(ArenaPiece* piece) {
  const auto index = static_cast<size_t>(class_of(piece->bytes).index);
  piece->handles = kFree;
  new (data_of(piece)) Links{free_[index], nullptr};
  if (free_[index]) links_of(free_[index]).previous = piece;
  free_[index] = piece;
  some_free_[index / 64] |= uint64_t{1} << index % 64;
}

void Arena::unlink(ArenaPiece* piece) {
  const auto index = static_cast<size_t>(class_of(piece->bytes).index);
  const auto [next, previous] = links_of(piece);
  if (next) links_of(next).previous = previous;
  if (previous) links_of(previous).next = next;
  else free_[index] = next;
  if (free_[index] == nullptr) some_free_[index / 64] &= ~(uint64_t{1} << index % 64);
}

void Arena::reset() {
  lifetime()->end_generation();
  free_.fill(nullptr);
  some_free_.fill(0);
  in_use_ = 0;
  if (chunks_.size() > 1) {  // one chunk for all, so that the next step fits without asking again
    const int64_t total = reserved_;
    chunks_.clear();
    reserved_ = 0;
    add_chunk(total);
  } else if (!chunks_.empty()) {
    make_free(chunks_[0]);
  }
}

void Arena::add_chunk(int64_t bytes) {
  // Grow by a quarter of what is there: few chunks while the shapes are being learned.
  const int64_t wanted = units_of(std::max({bytes + kHeader, kSmallestChunk, reserved_ / 4})) * kAlignment;
  auto* data = static_cast<std::byte*>(std::aligned_alloc(kAlignment, static_cast<size_t>(wanted)));
  if (data == nullptr)
    fail_system("cannot allocate {} bytes of working memory; use smaller batches or a smaller model", wanted);
  chunks_.push_back({{data, &std::free}, wanted});
  reserved_ += wanted;
  ++chunk_allocations_;
  make_free(chunks_.back());
}

void Arena::make_free(Chunk& chunk) {
  const int64_t bytes = chunk.bytes - kHeader;
  auto* piece = new (chunk.data.get()) ArenaPiece{this, bytes, 0, kFree};
  new (piece_at(piece, bytes)) ArenaPiece{this, kHeader, bytes, 0};
  link(piece);
}

}  // namespace heddle
