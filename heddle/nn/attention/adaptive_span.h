#pragma once
// p_ij ∝ m(|i - j|)·e^s_ij, m(d) = min(1, max(0, (R + z_h - d)/R)): each head learns how far it looks (Sukhbaatar et
// al. 2019, "Adaptive attention span in Transformers"). z_h = S·σ(c_h) is its span, S = model.attention.span, and R =
// model.attention.span_ramp the tokens over which it fades. 4·n·d operations for each token within the longest of the
// spans; h weights.
//
// While training, λ·Σ_h z_h/h goes to the side losses of the pass, λ = model.attention.span_loss: spans are as short as
// the task lets them be. The paper keeps z within 0 … S by cutting it off after every step; here a sigmoid does.

#include "heddle/nn/attention/softmax.h"
#include "heddle/nn/weight.h"
#include "heddle/ops/soft_span.h"

namespace heddle::nn::attentions {

class AdaptiveSpan : public Softmax {
 public:
  static constexpr Idea kIdea = {.name = "adaptive_span",
                                 .formula = "Σ_j p_ij·v_j, p_ij ∝ min(1, max(0, (R + z_h - |i - j|)/R))·e^s_ij",
                                 .cost = "4nd·min(n, longest span + R), h weights",
                                 .paper = "Sukhbaatar et al. 2019",
                                 .traits = {.order_equivariant = false, .self_only = true}};
  AdaptiveSpan(const Place& place, const AttentionConfig& config)
      : Softmax(place, config),
        longest_(static_cast<double>(config.span)),
        ramp_(static_cast<double>(config.span_ramp)),
        loss_(config.span_loss),
        spans_(place.parameters.declare({.name = place.name + ".span",
                                         .role = "attention",
                                         .shape = {config.heads},
                                         .init = Init::constant(-2),  // an eighth of the longest
                                         .layer = place.layer})) {}

  void adjust(const Pass& pass, const Rows& rows, ops::AttentionOptions& options) const override {
    options.span = {weight(spans_, pass).dense(), longest_, ramp_};
    options.mask = options.mask & kernels::Mask::window(ops::span_reach(options.span.logits, longest_, ramp_));
    if (pass.training && pass.side_losses && loss_ > 0)
      pass.side_losses->add(ops::span_loss(options.span.logits, longest_, loss_, rows));
  }

 private:
  double longest_, ramp_, loss_;
  ParameterId spans_;
};

}  // namespace heddle::nn::attentions
