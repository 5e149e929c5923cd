#pragma once
// Memory for the tensors of one training step, or one inference call.
//
// Pieces are cut from large chunks. A piece whose last handle is gone joins the free ones beside it and is handed out
// again, in constant time (two-level segregated fit; Masmano et al. 2004), so that a step whose shapes were seen before
// touches no heap. reset() ends every handle at once: reading one afterwards is an error, not a read. Not thread-safe:
// one arena, one thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "heddle/tensor/storage.h"

namespace heddle {

class Arena {
 public:
  Arena();
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // A piece of `bytes` uninitialised bytes, 64-byte aligned behind its header, without a handle yet.
  ArenaPiece* take(int64_t bytes);
  static void* data_of(ArenaPiece* piece) { return reinterpret_cast<std::byte*>(piece) + kHeader; }
  // Called with the last handle of a piece.
  void give_back(ArenaPiece* piece);
  // Memory that only reset() ends: for records of a tape.
  void* take_permanent(int64_t bytes) { return data_of(take(bytes)); }

  // Ends all pieces. Chunks stay for the next step; several are merged into one.
  void reset();

  // The lifetime that handles of this arena refer to.
  Storage* lifetime() const { return lifetime_.storage(); }

  int64_t bytes_in_use() const { return in_use_; }
  int64_t peak_bytes() const { return peak_; }
  int64_t reserved_bytes() const { return reserved_; }
  // How often the heap was asked for a chunk since construction; constant in the steady state.
  int64_t chunk_allocations() const { return chunk_allocations_; }

 private:
  struct Chunk;
  static constexpr int64_t kHeader = 64;
  static constexpr int kSizeClasses = 1024;  // 32 per power of two, from 64 bytes

  void add_chunk(int64_t bytes);
  void make_free(Chunk& chunk);
  ArenaPiece* find_free(int size_class) const;
  void link(ArenaPiece* piece);
  void unlink(ArenaPiece* piece);
  void cut(ArenaPiece* piece, int64_t bytes);

  MemoryRef lifetime_;
  std::vector<Chunk> chunks_;
  int64_t in_use_ = 0, peak_ = 0, reserved_ = 0, chunk_allocations_ = 0;
  std::array<ArenaPiece*, kSizeClasses> free_{};         // of each size class, a list
  std::array<uint64_t, kSizeClasses / 64> some_free_{};  // which lists are not empty, a bit each
};

}  // namespace heddle
