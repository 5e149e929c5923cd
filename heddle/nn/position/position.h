#pragma once
// How the order of tokens reaches a model: as vectors added to the tokens', by turning queries and keys, or as a term
// of the scores. A scheme does one of them and leaves the rest as it is here.

#include <memory>

#include "heddle/nn/idea.h"
#include "heddle/nn/pass.h"
#include "heddle/nn/place.h"
#include "heddle/ops/position_term.h"
#include "heddle/ops/rotary.h"
#include "heddle/tensor/rows.h"

namespace heddle::nn {

struct RopeScaling {
  std::string kind = "none";  // none, linear, ntk, yarn
  double base = 10000.0;
  double factor = 1.0;  // how many times longer than the trained length texts may be
  int64_t length = 0;   // the trained length; 0: max_length / factor
};

struct PositionConfig {
  std::string kind = "none";
  int64_t width = 0;          // of token vectors
  int64_t max_length = 1024;  // positions that are known
  int heads = 1;
  int64_t head_width = 0;
  bool causal = false;   // no query looks at a later key
  int64_t distance = 0;  // farthest distance, or count, that is told apart; 0: the paper's
  RopeScaling rope = {};
};

class Position {
 public:
  virtual ~Position() = default;
  // [max_length, width], added to token vectors by position; undefined: nothing.
  virtual Tensor table(const Pass&) const { return {}; }
  // What turns queries and keys; undefined: nothing.
  virtual ops::RotaryTable rotary(const Pass&) const { return {}; }
  // What is added to the scores of these sequences' self-attention.
  virtual ops::PositionTerm term(const Pass&, const Rows&) const { return {}; }
};

}  // namespace heddle::nn
