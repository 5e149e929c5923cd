#pragma once
// Sampling over any StepModel: every token is drawn from the model's distribution, sharpened by a
// temperature and cut to its head.
//
//   p_i ∝ exp(log p_i / temperature), over the top_k most probable tokens (Fan et al. 2018), and of
//   those over the fewest whose probabilities reach top_p (nucleus sampling, Holtzman et al. 2020)

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "heddle/base/random.h"
#include "heddle/decode/decode_options.h"
#include "heddle/decode/hypothesis.h"
#include "heddle/decode/step_model.h"

namespace heddle::decode {

struct SamplingOptions : DecodeOptions {
  double temperature = 1;  // > 0; towards 0 it becomes greedy search
  int top_k = 0;           // 0: all
  double top_p = 1;        // in (0, 1]; 1: all
  int samples = 1;         // drawn for each input sequence
};

// Draws one token from log-probabilities.
class TokenSampler {
 public:
  // Throws InputError for values out of range.
  TokenSampler(double temperature, int top_k, double top_p);

  // Empty where no token can come.
  std::optional<int32_t> draw(std::span<const float> log_probabilities, RandomStream& random);

 private:
  struct Choice {
    double weight;  // log-probability / temperature, then its exponential
    int32_t token;
  };
  void collect(std::span<const float> log_probabilities);
  double weigh();

  double temperature_;
  size_t top_k_;
  double top_p_;
  std::vector<Choice> choices_;
};

// For every input sequence `samples` answers, in the order drawn; score is the log-probability, before
// temperature and cuts. `examples` numbers the sequences: sample k of example e comes from the random
// stream e of `key` with k added to its pass, so it is the same whatever else is in the batch.
std::vector<std::vector<Hypothesis>> sample(StepModel& model, const SamplingOptions& options, const RandomKey& key,
                                            std::span<const uint64_t> examples);

}  // namespace heddle::decode
