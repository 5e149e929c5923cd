#pragma once
// All that decoding knows of a model: it gives log-probabilities of the next token, one step at a time.
//
// Live hypotheses are rows. In every step the caller says for each new row which row of the step before
// it continues (fork, reorder and drop in one array), which token was appended, and which input
// sequence it belongs to. A table, an n-gram and a Transformer all fit.

#include <cstdint>
#include <span>

namespace heddle::decode {

class StepModel {
 public:
  virtual ~StepModel() = default;

  virtual int32_t vocab_size() const = 0;
  // How many input sequences this model was started with.
  virtual int64_t sequences() const = 0;
  // Length of an input sequence, for limits relative to it; 0 where there is none.
  virtual int64_t source_length(int64_t sequence) const = 0;

  struct Row {
    int32_t parent;    // row of the previous step; ignored in the first
    int32_t token;     // appended (in the first step: the start token)
    int32_t sequence;  // input sequence
  };
  // Writes natural log-probabilities [rows, vocab].
  virtual void step(std::span<const Row> rows, float* log_probabilities) = 0;

  // Attention weights of row r of the last step over its source, for the coverage penalty; empty: the
  // model has none.
  virtual std::span<const float> attention(int64_t /*row*/) { return {}; }
};

}  // namespace heddle::decode
