#pragma once
// An n-gram StepModel: counts of the tokens that followed each history, smoothed by adding a constant
// (Lidstone). Histories are real token sequences, so it shows that decoding needs no tensors.

#include <map>
#include <vector>

#include "heddle/decode/step_model.h"

namespace heddle::decode {

class NgramModel : public StepModel {
 public:
  // `order` tokens in all, the history order - 1; `add` > 0 is given to every count.
  NgramModel(int32_t vocab_size, int order, double add);

  // Counts one sequence (without the start token).
  void count(std::span<const int32_t> tokens, int32_t start_token);
  // How many sequences the next search decodes.
  void set_sequences(int64_t count) { sequences_ = count; }

  int32_t vocab_size() const override { return vocab_size_; }
  int64_t sequences() const override { return sequences_; }
  int64_t source_length(int64_t) const override { return 0; }
  void step(std::span<const Row> rows, float* log_probabilities) override;

 private:
  using History = std::vector<int32_t>;
  History cut(History history) const;

  int32_t vocab_size_;
  int order_;
  double add_;
  int64_t sequences_ = 1;
  std::map<History, std::vector<double>> counts_;
  std::vector<History> live_;  // of the last step's rows
};

}  // namespace heddle::decode
