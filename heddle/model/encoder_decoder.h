#pragma once
// The encoder–decoder of "Attention Is All You Need" (Vaswani et al. 2017), and with no encoder the
// decoder-only language model of the same blocks.
//
// Source ids → memory [source tokens, width]; target ids and memory → states [target tokens, width];
// states·Eᵀ → logits over the vocabulary.
//
// Named points of a full pass beside those of the layers: "encoder.embedded", "encoder.layers.0.state",
// "encoder.states", and the decoder's.

#include <algorithm>
#include <vector>

#include "heddle/model/config.h"
#include "heddle/ops/output_loss.h"

namespace heddle::model {

// One packed stream of token ids and what its rows mean.
struct TokenStream {
  std::span<const int32_t> ids;
  Rows rows;
};

class EncoderDecoder {
 public:
  // Declares all weights in `parameters`.
  EncoderDecoder(nn::Parameters& parameters, const ModelConfig& config);

  const ModelConfig& config() const { return config_; }
  bool has_encoder() const { return !encoder_.empty() || config_.kind == "encoder_decoder"; }

  // [source tokens, width]
  Tensor encode(const nn::Pass& pass, const TokenStream& source) const;
  // [target tokens, width]; memory undefined for a decoder-only model.
  // `exits`: takes the states behind each exit layer, as normed as those behind the last.
  Tensor decode(const nn::Pass& pass, const TokenStream& target, const Tensor& memory, const Rows& memory_rows,
                std::vector<Tensor>* exits = nullptr) const;
  // The training loss of decoder states against the next tokens, and with every token that counts the side losses of
  // the pass.
  ops::OutputLoss loss(const nn::Pass& pass, const Tensor& states, std::span<const int32_t> targets, const Rows& rows,
                       const ops::OutputLossOptions& options) const;
  // The same from the target ids on, with the losses of the exits in loss and loss_sum.
  ops::OutputLoss training_loss(const nn::Pass& pass, const TokenStream& target, const Tensor& memory,
                                const Rows& memory_rows, std::span<const int32_t> targets,
                                const ops::OutputLossOptions& options) const;
  // [rows, vocab] log-probabilities of decoder states.
  Tensor log_probabilities(const nn::Pass& pass, const Tensor& states, const Rows& rows) const;

  // Of a new model: what its token vectors must know of the tokens becomes numbers of their weights.
  void learn_tokens(const nn::TokenFacts& facts, nn::WeightSet& weights) const;

  const nn::TokenEmbedding& target_embedding() const { return target_embedding_; }
  const std::vector<nn::DecoderLayer>& decoder_layers() const { return decoder_; }
  bool exits_after(int64_t layer) const { return std::ranges::binary_search(exits_, layer); }
  // What the first layer reads of embedded tokens: as many streams of them as the layers mix (nn/residual/).
  Tensor enter_layers(const Tensor& embedded, const Rows& rows, Stack stack) const;
  // What stands behind the last layer, or an exit: the mean of the streams, and a norm.
  Tensor final_norm(const nn::Pass& pass, const Tensor& x, const Rows& rows, Stack stack) const;

 private:
  // What meets the rows of the output matrix: the states, of a tied table in two factors narrower ones.
  Tensor before_output(const nn::Pass& pass, const Tensor& states, const Rows& rows) const;

  ModelConfig config_;
  nn::TokenEmbedding target_embedding_;
  std::vector<nn::TokenEmbedding> source_embedding_;  // none in a decoder-only model
  std::vector<nn::EncoderLayer> encoder_;
  std::vector<nn::DecoderLayer> decoder_;
  std::vector<int64_t> exits_;  // layers of the decoder
  int64_t encoder_streams_ = 1, decoder_streams_ = 1;
  std::unique_ptr<nn::Norm> encoder_norm_, decoder_norm_;  // null where the last layer ends with a norm
  nn::ParameterId output_weight_, output_bias_;
  nn::ParameterId output_projection_ = nn::kNoParameter;  // of a tied table in two factors
};

}  // namespace heddle::model
