#include "heddle/tensor/arena.h"

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "heddle/base/error.h"

namespace heddle {
namespace {

constexpr int64_t kAlignment = 64;
constexpr int64_t kSmallestChunk = int64_t{1} << 20;

struct SizeClass {
  int index;
  int64_t bytes;
};

// Rounds up to one of eight steps per power of two: at most 12.5 % of a piece is unused.
SizeClass class_of(int64_t bytes) {
  const uint64_t units = std::max<int64_t>(1, (bytes + kAlignment - 1) / kAlignment);
  if (units <= 8) return {static_cast<int>(units), static_cast<int64_t>(units) * kAlignment};
  const int log = std::bit_width(units - 1) - 1;  // 2^log < units <= 2^(log+1)
  const uint64_t step = uint64_t{1} << (log - 3);
  const uint64_t eighths = (units + step - 1) / step;  // 9..16
  return {log * 8 + static_cast<int>(eighths) - 24, static_cast<int64_t>(eighths * step) * kAlignment};
}

// A free piece keeps the next free one of its class in its body.
ArenaPiece*& next_of(ArenaPiece* piece) { return *static_cast<ArenaPiece**>(Arena::data_of(piece)); }

}  // namespace

struct Arena::Chunk {
  std::unique_ptr<std::byte, decltype(&std::free)> data;
  int64_t bytes;
};

Arena::Arena() : lifetime_(Storage::lifetime()) {}

Arena::~Arena() { lifetime()->end_generation(); }

ArenaPiece* Arena::take(int64_t bytes) {
  HEDDLE_CHECK(bytes >= 0, "an arena piece cannot have {} bytes", bytes);
  const auto [index, rounded] = class_of(std::max<int64_t>(bytes, 8) + kHeader);
  in_use_ += rounded;
  peak_ = std::max(peak_, in_use_);
  void* memory;
  if (ArenaPiece* piece = free_[index]) {
    free_[index] = next_of(piece);
    memory = piece;
  } else {
    if (chunks_.empty() || chunks_.back().bytes - offset_ < rounded) add_chunk(rounded);
    memory = chunks_.back().data.get() + offset_;
    offset_ += rounded;
  }
  return new (memory) ArenaPiece{this, std::max<int64_t>(bytes, 8) + kHeader, 0};
}

void Arena::give_back(ArenaPiece* piece) {
  const auto [index, rounded] = class_of(piece->bytes);
  in_use_ -= rounded;
  next_of(piece) = free_[index];
  free_[index] = piece;
}

void Arena::reset() {
  lifetime()->end_generation();
  free_.fill(nullptr);
  offset_ = 0;
  in_use_ = 0;
  if (chunks_.size() > 1) {  // one chunk for all, so that the next step fits without asking again
    const int64_t total = reserved_;
    chunks_.clear();
    reserved_ = 0;
    add_chunk(total);
  }
}

void Arena::add_chunk(int64_t bytes) {
  // Grow by a quarter of what is there: few chunks while the shapes are being learned.
  const int64_t wanted = std::max({bytes, kSmallestChunk, reserved_ / 4});
  auto* data = static_cast<std::byte*>(std::aligned_alloc(kAlignment, static_cast<size_t>(wanted)));
  if (data == nullptr)
    fail_system("cannot allocate {} bytes of working memory; use smaller batches or a smaller model", wanted);
  chunks_.push_back({{data, &std::free}, wanted});
  reserved_ += wanted;
  ++chunk_allocations_;
  offset_ = 0;
}

}  // namespace heddle
