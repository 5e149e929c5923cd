#pragma once
// W2·max(0, D∗(W1·x) + b1) + b2: the neurons of a token see those of its neighbours, D∗ a convolution of each neuron by
// itself over `width` tokens (So et al. 2021 and Gulati et al. 2020 have depthwise ones beside their networks; Wu et
// al. 2019 in place of attention). Gated: W2·(SiLU(D∗g + b)·(u + b')), [g; u] = W1·x, only the gate convolved. 4·n·d·f
// + 2·n·w·f operations (gated 6·n·d·f), w·f more weights.
//
// In decoders a token sees itself and the w - 1 before it, and decoding keeps their w - 1 rows; in encoders those
// around it. Sequences of a batch and padding never touch.

#include "heddle/nn/feedforward/kind.h"
#include "heddle/nn/linear.h"

namespace heddle::nn::feedforward {

class Convolution : public Kind {
 public:
  static constexpr Idea kIdea = {.name = "convolution",
                                 .formula = "W2·max(0, D∗(W1·x)), D over w tokens; gated W2·(SiLU(D∗g)·u)",
                                 .cost = "4ndf + 2nwf, gated 6ndf + 2nwf",
                                 .paper = "Wu et al. 2019; So et al. 2021",
                                 .traits = {.order_equivariant = false}};
  static Cost cost(const FeedForwardConfig& config) {
    const int64_t halves = config.convolution.gated ? 2 : 1;
    return {(halves + 1) * config.width * config.inner, (2 * halves + 1) * config.inner};
  }

  Convolution(const Place& place, const FeedForwardConfig& config);
  Tensor forward(const Pass& pass, const Tensor& x, const Rows& rows) const override;
  Tensor bias(const Pass& pass) const override { return dense_or_none(second_.bias, pass); }
  int64_t state_width() const override { return config_.causal ? (config_.width - 1) * inner_ : 0; }
  Tensor step(const Pass& pass, const Tensor& x, const Rows& rows, const Tensor& past, std::span<const int32_t> parents,
              const Tensor& states) const override;

 private:
  // From the convolved rows on.
  Tensor finish(const Pass& pass, const Tensor& convolved, const Rows& rows) const;

  ConvolutionConfig config_;
  int64_t inner_;
  std::string neurons_point_;
  Dropout dropout_;
  Linear first_, second_;
  ParameterId kernel_;  // [w, f]
};

}  // namespace heddle::nn::feedforward
