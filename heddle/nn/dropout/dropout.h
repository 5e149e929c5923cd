#pragma once
// Dropout at one place of a model, of the kind that its config names (model.dropout_kind): element by element, which
// costs nothing beside the pass that it is fused with, or by larger pieces, in a pass of their own. Attention weights
// are always dropped one by one; whole heads go by head_dropout.h.

#include <string>

#include "heddle/nn/idea.h"
#include "heddle/nn/pass.h"
#include "heddle/ops/structured_dropout.h"

namespace heddle::nn {

struct DropoutConfig {
  double probability = 0.0;
  std::string kind = "element";
};

namespace dropouts {

struct Entry {
  Idea idea;
  ops::DropoutPiece piece;
};

std::span<const Entry> all();
// Throws InputError for an unknown name.
const Entry& find(std::string_view name);

}  // namespace dropouts

class Dropout {
 public:
  Dropout(std::string_view site, const DropoutConfig& config) : Dropout(site, config.probability, piece_of(config)) {}
  Dropout(std::string_view site, double probability, ops::DropoutPiece piece)
      : site_(site_id(site)), probability_(probability), piece_(piece) {}

  // For a pass that drops elements itself; inactive where a kind drops larger pieces.
  ops::DropoutSite fused(const Pass& pass) const { return pass.dropout(site_, is_fused() ? probability_ : 0.0); }
  // What comes of such a pass's result.
  Tensor after(const Pass& pass, const Tensor& x, const Rows& rows) const {
    return is_fused() ? x : ops::structured_dropout(x, pass.dropout(site_, probability_), piece_, rows);
  }
  // Whether after() does anything.
  bool acts_after(const Pass& pass) const { return !is_fused() && pass.training && probability_ > 0; }

 private:
  static ops::DropoutPiece piece_of(const DropoutConfig& config) { return dropouts::find(config.kind).piece; }
  bool is_fused() const { return piece_.rows == 1 && piece_.columns == 1; }

  uint64_t site_;
  double probability_;
  ops::DropoutPiece piece_;
};

}  // namespace heddle::nn
