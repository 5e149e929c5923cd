#pragma once
// v = Σ_i p_i·v_i, p = softmax(W·[v_1; v_2; …] + b): a gate that sees all sources says how much of each a token takes
// (Miyamoto & Cho 2016, "Gated word-character recurrent language model", for two). 2·n·m²·d operations, m²·d + m
// weights.

#include "heddle/nn/embedding/weighed_sources.h"
#include "heddle/nn/linear.h"
#include "heddle/ops/concatenate.h"

namespace heddle::nn::embeddings {

class Gate : public Fusion {
 public:
  static constexpr Idea kIdea = {.name = "gate",
                                 .formula = "Σ_i p_i·v_i, p = softmax(W·[v_1; v_2; …])",
                                 .cost = "2nm²d, m²d weights",
                                 .paper = "Miyamoto & Cho 2016"};
  static constexpr bool kSideBySide = false;
  Gate(const Place& place, const FusionConfig& config)
      : scores_(Linear::declare(place.parameters, place.name + ".scores", "embedding", -1,
                                config.sources * config.width, config.sources)) {}

  Tensor fuse(const Pass& pass, std::span<const Tensor> parts, const Rows& rows) const override {
    Tensor all = parts[0];
    for (const Tensor& part : parts.subspan(1)) all = ops::concatenate(all, part, rows);
    return weighed_sources(parts, scores_.forward(pass, all, rows), rows);
  }

 private:
  Linear scores_;
};

}  // namespace heddle::nn::embeddings
