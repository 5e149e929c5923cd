#pragma once
// Ids of another table, made of token ids.

#include <span>

#include "heddle/base/error.h"
#include "heddle/ops/tape.h"

namespace heddle::nn::embeddings {

// to(id) for each of the ids; the array lies on the tape, or in `memory` where there is none. Throws InputError for ids
// beyond the vocabulary.
template <class To>
std::span<const int32_t> mapped_ids(std::span<const int32_t> ids, int64_t vocab_size, Tensor& memory, To&& to) {
  int32_t* places = nullptr;
  if (ops::Tape* tape = ops::Tape::current()) {
    places = static_cast<int32_t*>(tape->arena().take_permanent(std::ssize(ids) * int64_t{sizeof(int32_t)}));
  } else {
    memory = ops::new_tensor({std::ssize(ids)}, DType::i32);
    places = static_cast<int32_t*>(memory.raw());
  }
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] < 0 || ids[i] >= vocab_size)
      fail_input("token id {} lies outside the vocabulary of {}; use the tokenizer of this model", ids[i], vocab_size);
    places[i] = static_cast<int32_t>(to(ids[i]));
  }
  return {places, ids.size()};
}

}  // namespace heddle::nn::embeddings
