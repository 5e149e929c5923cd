#pragma once
// Σ_j e^s_ij·v_j / (e^b_h + Σ_j e^s_ij): a softmax with a learned sink, a score b for each head that every row's sum
// counts and that has no value, so that a head may attend to nothing (OpenAI 2025, gpt-oss; with b = 0 Miller 2023,
// "Attention is off by one"). 4·n²·d operations; h weights. Weights that a probe sees count it.
//
// The sinks of Xiao et al. 2024 (StreamingLLM) are the first tokens of the text, kept in sight of a window, and so a
// mask: model.attention.mask = "causal & (window(1024) | prefix(4))".

#include "heddle/nn/attention/softmax.h"
#include "heddle/nn/weight.h"

namespace heddle::nn::attentions {

class Sink : public Softmax {
 public:
  static constexpr Idea kIdea = {.name = "sink",
                                 .formula = "Σ_j e^s_ij·v_j / (e^b_h + Σ_j e^s_ij)",
                                 .cost = "4n²d, h weights",
                                 .paper = "OpenAI 2025 (gpt-oss); Miller 2023"};
  Sink(const Place& place, const AttentionConfig& config)
      : Softmax(place, config),
        sink_(place.parameters.declare({.name = place.name + ".sink",
                                        .role = "attention",
                                        .shape = {config.heads},
                                        .init = Init::zeros(),
                                        .layer = place.layer})) {}

  void adjust(const Pass& pass, const Rows&, ops::AttentionOptions& options) const override {
    options.sink = weight(sink_, pass).dense();
  }

 private:
  ParameterId sink_;
};

}  // namespace heddle::nn::attentions
