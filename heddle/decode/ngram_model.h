#pragma once
// An n-gram StepModel: counts of the tokens that followed each history, smoothed by the next shorter
// history (MacKay & Peto 1995, "A hierarchical Dirichlet language model"):
//
//   p(w | h) = (count(h w) + add · p(w | h without its first token)) / (count(h) + add)
//   p(w)     = (count(w) + add / vocab) / (count + add)
//
// With order 1 that is adding a constant to every count. Histories are real token sequences, so it
// shows that decoding needs no tensors.

#include <cstdint>
#include <map>
#include <vector>

#include "heddle/decode/step_model.h"

namespace heddle::decode {

class NgramModel : public StepModel {
 public:
  // `order` tokens in all, the history order - 1; `add` > 0.
  NgramModel(int32_t vocab_size, int order, double add);

  // Counts one sequence (without the start token).
  void count(std::span<const int32_t> tokens, int32_t start_token);
  // How many sequences the next search decodes.
  void set_sequences(int64_t count) { sequences_ = count; }

  int32_t vocab_size() const override { return vocab_size_; }
  int64_t sequences() const override { return sequences_; }
  int64_t source_length(int64_t) const override { return 0; }
  std::span<float> step(std::span<const Row> rows) override;

 private:
  using History = std::vector<int32_t>;
  struct Counts {
    double total = 0;
    std::map<int32_t, double> of_token;
  };
  // Finds a history by a piece of a longer one, without copying it.
  struct Before {
    using is_transparent = void;
    bool operator()(std::span<const int32_t> a, std::span<const int32_t> b) const;
  };

  void check_token(int32_t token) const;
  void push(History& history, int32_t token) const;
  void predict(std::span<const int32_t> history);

  int32_t vocab_size_;
  size_t longest_history_;
  double add_;
  int64_t sequences_ = 1;
  std::map<History, Counts, Before> counts_;
  std::vector<History> live_, next_;  // of each row
  std::vector<double> probabilities_;
  std::vector<float> log_probabilities_;  // of the last step
};

}  // namespace heddle::decode
