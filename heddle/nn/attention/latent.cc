#include "heddle/nn/attention/latent.h"

#include "heddle/ops/product.h"
#include "heddle/ops/workspace.h"

namespace heddle::nn::attentions {
namespace {

ParameterId declare_up(const Place& place, const std::string& part, const AttentionConfig& config, double gain) {
  return place.parameters.declare({.name = place.name + "." + part + ".weight",
                                   .role = "attention",
                                   .shape = {config.inner(), Latent::rank_of(config)},
                                   .init = Init::xavier(gain),
                                   .layer = place.layer});
}

}  // namespace

Latent::Latent(const Place& place, const AttentionConfig& config)
    : rank_(rank_of(config)),
      heads_(config.heads),
      head_width_(config.of_head()),
      query_(Linear::declare(place.parameters, place.name + ".query", "attention", place.layer, config.width,
                             config.inner())),
      down_(Linear::declare(place.parameters, place.name + ".latent", "attention", place.layer, config.width, rank_)),
      key_(declare_up(place, "key", config, 1.0)),
      value_(declare_up(place, "value", config, config.start.inner)) {}

QueryKeyValue Latent::apart(const Pass& pass, const Tensor& x, const Rows& rows, bool) const {
  const Tensor c = latent(pass, x, rows);
  const ops::LinearOptions options = {.compute = pass.compute};
  return {query(pass, x, rows), weight(key_, pass).product(c, {}, rows, options),
          weight(value_, pass).product(c, {}, rows, options)};
}

Tensor Latent::meeting(const Pass& pass, const Tensor& query, const Rows&) const {
  const Tensor up = weight(key_, pass).dense(), met = ops::new_tensor({query.rows(), heads_ * rank_}, query.dtype());
  for (int64_t h = 0; h < heads_; ++h)
    ops::product_into(query.column_range(h * head_width_, (h + 1) * head_width_),
                      up.row_range(h * head_width_, (h + 1) * head_width_), ops::Transposed::none, pass.compute,
                      met.column_range(h * rank_, (h + 1) * rank_), false);
  return met;
}

Tensor Latent::values(const Pass& pass, const Tensor& mixed, const Rows&) const {
  const Tensor up = weight(value_, pass).dense(),
               values = ops::new_tensor({mixed.rows(), heads_ * head_width_}, mixed.dtype());
  for (int64_t h = 0; h < heads_; ++h)
    ops::product_into(mixed.column_range(h * rank_, (h + 1) * rank_),
                      up.row_range(h * head_width_, (h + 1) * head_width_), ops::Transposed::b, pass.compute,
                      values.column_range(h * head_width_, (h + 1) * head_width_), false);
  return values;
}

}  // namespace heddle::nn::attentions
