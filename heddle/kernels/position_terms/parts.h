#pragma once
// Where a score term adds up the gradients of its own weights: a piece of memory for each thread, or for each head of
// each sequence where gradients are to stay apart. Their owner adds the pieces up in a fixed order.

#include <cstdint>

#include "heddle/kernels/attention.h"

namespace heddle::kernels {

template <class T>
struct TermParts {
  T* memory = nullptr;  // [pieces, size], zero-filled by the owner
  int64_t size = 0;     // of one piece
  bool by_sequence = false;
  int heads = 1;

  T* of(const ScoreTile& tile, int lane) const {
    return memory + size * (by_sequence ? tile.sequence * heads + tile.head : int64_t{lane});
  }
};

}  // namespace heddle::kernels
