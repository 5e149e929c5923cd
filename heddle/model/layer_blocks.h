#pragma once
// Layers one after the other, with their activations kept or, by blocks of Pass::checkpoint_blocks = k layers, dropped
// and made again in the backward pass (Griewank & Walther 2000; Chen et al. 2016, "Training deep nets with sublinear
// memory cost"). Of L layers L/k states and the activations of k layers are in memory at a time, least at k of about
// √L; the forward pass runs twice. Dropout is the same again, because it is a function of seed and place.
//
// Gradients are those without blocks to the bit, but for sums that a block adds up apart and others add to: the
// gradient of a decoder's memory with k > 1, and that of a state which an exit reads too, may differ in the last place.

#include <array>

#include "heddle/model/config.h"
#include "heddle/nn/observer.h"
#include "heddle/ops/tape.h"
#include "heddle/tensor/rows.h"

namespace heddle::model {

// Throws InputError for layers that cannot be made again: their side losses would count twice.
void check_blocks(const ModelConfig& config, int64_t blocks);

// x after the layers [begin, end); layer(pass, x, memory, i) is copied onto the tape, and `memory` may be undefined.
// With a probe, which must not see things twice, everything is kept.
template <class Layer>
Tensor through_layers(const nn::Pass& pass, Tensor x, const Tensor& memory, const Rows& rows, size_t begin, size_t end,
                      const Layer& layer) {
  const auto step = static_cast<size_t>(pass.checkpoint_blocks);
  ops::Tape* tape = step > 0 && !nn::observer(pass) ? ops::Tape::current() : nullptr;
  if (!tape) {
    for (size_t i = begin; i < end; ++i) x = layer(pass, x, memory, i);
    return x;
  }
  for (size_t first = begin; first < end; first += step) {
    const std::array<Tensor, 2> inputs = {x, memory};
    const size_t count = memory.defined() ? 2 : 1;
    const auto run =
        [pass, layer, first, last = std::min(first + step, end)](std::span<const Tensor> in, std::span<Tensor> out) {
      Tensor state = in[0];
      for (size_t i = first; i < last; ++i) state = layer(pass, state, in.size() > 1 ? in[1] : Tensor(), i);
      out[0] = state;
    };
    tape->region(std::span(inputs).first(count), {&x, 1}, rows, run);
  }
  return x;
}

}  // namespace heddle::model
