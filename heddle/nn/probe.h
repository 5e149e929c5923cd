#pragma once
// Named points of a model, for reading and replacing what flows through them.
//
// Every query, key, value, attention score, attention output and neuron passes such a point. Names
// are those of the modules: "encoder.layers.0.self_attention.query". Without a probe nothing is called.

#include <string_view>

#include "heddle/ops/attention_probe.h"
#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::nn {

class Probe {
 public:
  virtual ~Probe() = default;
  // The value at a point, [tokens, width]; what is returned takes its place (return it unchanged to read).
  virtual Tensor at(std::string_view, const Tensor& value, const Rows&) { return value; }
  // Scores and weights of an attention; non-null makes it run by the composed path.
  virtual ops::AttentionProbe* attention(std::string_view) { return nullptr; }
};

}  // namespace heddle::nn
