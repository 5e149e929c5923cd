#pragma once
// All that decoding knows of a model: it gives log-probabilities of the next token, one step at a time.
//
// A StepModel is already bound to the input sequences it decodes. Live hypotheses are rows; in every
// step the caller says for each new row which row of the step before it continues (fork, reorder and
// drop in one array), which token was appended, and which input sequence it belongs to. The model
// moves its own states, such as key-value caches, and finds what belongs to a source (encoder states)
// through `sequence`, so that beams share it. A table, an n-gram and a Transformer all fit.

#include <cstdint>
#include <limits>
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
  // How many steps the model can take, e.g. because its position table ends there.
  virtual int64_t max_steps() const { return std::numeric_limits<int64_t>::max(); }

  struct Row {
    int32_t parent;    // row of the previous step; -1 in the first, which starts afresh
    int32_t token;     // appended (in the first step: the start token)
    int32_t sequence;  // input sequence
  };
  // Natural log-probabilities [rows, vocab], each <= 0; minus infinity for what cannot come. They are the
  // model's own memory, which the caller may change and which is valid until the next step.
  // Rows of a sequence lie together, sequences in rising order; a sequence that is done has no rows.
  // All rows of a call have the same length. What is found for a row depends on no other row.
  virtual std::span<float> step(std::span<const Row> rows) = 0;

  // A search that reads attention() says so before its first step; false: the model has none over a source.
  virtual bool keep_attention() { return false; }
  // Attention weights over its source with which row r of the last step predicts, for the coverage
  // penalty; source_length long, valid until the next step. Several threads may ask.
  virtual std::span<const float> attention(int64_t /*row*/) { return {}; }
};

}  // namespace heddle::decode
