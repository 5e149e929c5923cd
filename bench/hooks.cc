// Some training steps of a small translator with dropout, for callgrind to count (bench/hooks.py). Built twice: with
// the named points of heddle/nn/probe.h, which nobody looks at, and without them.

#include <string>
#include <vector>

#include <fmt/format.h>

#include "heddle/base/random.h"
#include "heddle/base/thread_loop.h"
#include "heddle/kernels/simd.h"
#include "heddle/model/encoder_decoder.h"
#include "heddle/nn/gradients.h"

namespace heddle {
namespace {

struct Stream {
  std::vector<int32_t> ids, offsets{0}, position;
  std::vector<int64_t> example;

  void add(RandomStream& random, int64_t number, int length, int64_t vocab) {
    for (int i = 0; i < length; ++i) {
      ids.push_back(static_cast<int32_t>(random.below(static_cast<uint64_t>(vocab))));
      position.push_back(i);
      example.push_back(number);
    }
    offsets.push_back(static_cast<int32_t>(ids.size()));
  }
  Rows rows() const { return {offsets, example, position}; }
};

void steps(int count) {
  set_thread_count(1);
  model::ModelConfig config;
  config.width = 64;
  config.layer.heads = 4;
  config.layer.ffn = 128;
  config.vocab_size = 500;
  nn::Parameters parameters;
  const model::EncoderDecoder model(parameters, config);
  nn::WeightSet weights(parameters, DType::f32);
  parameters.initialize(weights, 1);
  nn::SummedGradients gradients(parameters, weights);
  RandomStream random({1, 0, 0, 0});
  Stream source, target;
  for (int i = 0; i < 4; ++i) {
    source.add(random, i, 9 + i, config.vocab_size);
    target.add(random, i, 8 + i, config.vocab_size);
  }
  Arena arena;
  for (int i = 0; i < count; ++i) {
    {
      const nn::Pass pass = {.parameters = parameters,
                             .weights = weights,
                             .random = {1, static_cast<uint64_t>(i), 0, 0},
                             .training = true};
      ops::Tape tape(arena, {.eager_sink = &gradients});
      const Tensor memory = model.encode(pass, {source.ids, source.rows()});
      const ops::OutputLoss loss = model.training_loss(pass, {target.ids, target.rows()}, memory, source.rows(),
                                                       target.ids, {.smoothing = 0.1, .scale = 0.01});
      const ops::Seed seed{loss.loss, {}};
      tape.backward({&seed, 1}, gradients);
    }
    arena.reset();
  }
}

}  // namespace
}  // namespace heddle

// heddle_hooks STEPS
int main(int, char** arguments) {
  heddle::kernels::set_simd_level("AVX2");  // valgrind knows no later one
  heddle::steps(std::stoi(arguments[1]));
}
