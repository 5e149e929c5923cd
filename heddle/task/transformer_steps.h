#pragma once
// A Transformer as decoding sees it: encoder states once per source, then one token per live hypothesis.
//
// Keys and values of past tokens stay where they were written; a hypothesis is a list of row numbers into
// that cache, so forking and reordering copies numbers, not vectors, and what no mask shows any more is written over
// (past_rows.h). Where a layer's past is a state of one size
// (linear attention), each hypothesis has its own, made from its parent's. Beams share their source's memory.

#include <optional>
#include <span>
#include <vector>

#include "heddle/decode/step_model.h"
#include "heddle/model/encoder_decoder.h"
#include "heddle/ops/workspace.h"
#include "heddle/task/cross_attention_reader.h"
#include "heddle/task/past_rows.h"

namespace heddle::task {

class TransformerSteps : public decode::StepModel {
 public:
  // `sources`: token ids of each input, as the tokenizer gives them; `domains`: of each the domain, or nothing. The
  // model and weights outlive this.
  TransformerSteps(const model::EncoderDecoder& model, const nn::Pass& pass,
                   const std::vector<std::vector<int32_t>>& sources = {}, std::span<const int32_t> domains = {});
  // Other sources, in the memory of those before.
  void start(const std::vector<std::vector<int32_t>>& sources, std::span<const int32_t> domains = {});

  int32_t vocab_size() const override;
  int64_t sequences() const override { return static_cast<int64_t>(source_offsets_.size()) - 1; }
  int64_t source_length(int64_t sequence) const override;
  std::span<float> step(std::span<const Row> rows) override;
  // That of the last decoder layer, mean over its heads. Decoding is slower with it: see nn/probe.h.
  bool keep_attention() override;
  std::span<const float> attention(int64_t row) override { return reader_->row(row, 0); }
  // From now on a token stops at the first exit that is so sure of its next one (model/early_exit.h); 0: never. Throws
  // InputError for a model that cannot.
  void exit_above(double threshold);
  // Layers that a token went through in the last step, in the mean.
  double mean_layers() const { return mean_layers_; }
  // What the past of the live hypotheses takes, reserved or in use.
  int64_t past_bytes() const;

 private:
  void begin_again();
  void reserve_cache();
  void reserve_states(int64_t rows);
  nn::LayerCache layer_cache(size_t layer) const;
  ops::CachedKeys cached_keys(size_t layer, std::span<const int32_t> begin, std::span<const int32_t> lengths) const;
  Tensor scores_of_all_layers(const Tensor& embedded, const Rows& rows);
  Tensor scores_of_exits(const Tensor& embedded);

  const model::EncoderDecoder& model_;
  nn::Pass pass_;
  std::optional<CrossAttentionReader> reader_;
  Arena memory_arena_, cache_arena_, step_arena_;
  Tensor log_probabilities_;  // of the last step, in its arena
  std::vector<int32_t> source_offsets_{0}, source_positions_;
  std::vector<int64_t> source_examples_;
  std::vector<int32_t> domains_;             // of each sequence
  std::vector<nn::ProjectedMemory> memory_;  // per layer
  std::vector<Tensor> cache_;                // per layer, [capacity, cache width]; undefined where there are states
  bool keeps_keys_ = false;                  // whether any layer does
  PastRows past_;                            // what its rows hold
  int64_t capacity_ = 0;
  std::vector<Tensor> past_states_, states_;  // per layer, [state capacity, state width]; undefined where keys are kept
  int64_t state_capacity_ = 0;
  int32_t position_ = 0;
  double exit_threshold_ = 0, mean_layers_ = 0;
  std::vector<int32_t> tokens_, offsets_, positions_, sequence_, step_domains_, parents_;
  std::vector<int64_t> examples_;
};

}  // namespace heddle::task
