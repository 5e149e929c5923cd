#include "heddle/nn/attention/fused.h"

#include "heddle/ops/columns.h"
#include "heddle/ops/tape.h"

namespace heddle::nn::attentions {

Fused::Fused(const Place& place, const AttentionConfig& config)
    : inner_(config.inner()), key_inner_(config.of_head() * config.of_keys()) {
  const int64_t rows = inner_ + 2 * key_inner_;
  Init init = Init::xavier(1.0, inner_);
  init.other_from = inner_ + key_inner_;
  init.other_gain = config.start.inner;
  all_.weight = place.parameters.declare({.name = place.name + ".qkv.weight",
                                          .role = "attention",
                                          .shape = {rows, config.width},
                                          .init = init,
                                          .layer = place.layer});
  all_.bias = place.parameters.declare({.name = place.name + ".qkv.bias",
                                        .role = "attention",
                                        .shape = {rows},
                                        .init = Init::zeros(),
                                        .layer = place.layer});
}

QueryKeyValue Fused::apart(const Pass& pass, const Tensor& x, const Rows& rows, bool dense) const {
  const Tensor all = all_.forward(pass, x, rows);
  const bool views = !dense && !ops::Tape::current();
  const auto part = [&](int64_t begin, int64_t end) {
    return views ? all.column_range(begin, end) : ops::columns(all, begin, end, rows);
  };
  return {part(0, inner_), part(inner_, inner_ + key_inner_), part(inner_ + key_inner_, inner_ + 2 * key_inner_)};
}

}  // namespace heddle::nn::attentions
