#include "heddle/nn/residual/hyper_connections.h"

#include <cmath>

#include "heddle/nn/weight.h"
#include "heddle/ops/dynamic_tanh.h"
#include "heddle/ops/linear.h"
#include "heddle/ops/residual_streams.h"
#include "heddle/ops/scale_norm.h"
#include "heddle/ops/scaled_sum.h"
#include "heddle/ops/workspace.h"

namespace heddle::nn::residuals {
namespace {

constexpr double kFirstShare = 0.01;

// m, R and b of a stream side by side, row after row.
std::vector<double> first_mixing(int64_t streams, int64_t branch) {
  std::vector<double> all;
  for (int64_t i = 0; i < streams; ++i) {
    all.push_back(i == branch % streams ? 1 : 0);
    for (int64_t j = 0; j < streams; ++j) all.push_back(i == j ? 1 : 0);
    all.push_back(1);
  }
  return all;
}

}  // namespace

HyperConnections::HyperConnections(const Place& place, const ResidualConfig& config)
    : streams_(config.streams), width_(config.width), survival_(place, config) {
  const int64_t numbers = streams_ * (streams_ + 2);
  const auto declare = [&](const char* part, Shape shape, Init init) {
    return place.parameters.declare({.name = place.name + ".streams." + part,
                                     .role = "residual",
                                     .shape = shape,
                                     .init = std::move(init),
                                     .layer = place.layer});
  };
  static_ = declare("mixing", {numbers}, Init::given(first_mixing(streams_, config.depth.branch_of_stack())));
  if (!config.dynamic) return;
  by_state_ = declare("by_state", {streams_ + 2, config.width}, Init::zeros());
  share_ = declare("share", {numbers}, Init::constant(kFirstShare));
}

Tensor HyperConnections::mixing(const Pass& pass, const Tensor& x, const Rows& rows) const {
  const Tensor all = weight(static_, pass).dense();
  if (by_state_ == kNoParameter) return all;
  const Tensor of_state =
      ops::stream_products(ops::scale_norm(x, {}, rows, streams_), weight(by_state_, pass).dense(), rows);
  const double length = std::sqrt(static_cast<double>(width_));
  const Tensor factor = ops::new_tensor({1}, x.dtype());
  copy_into(Tensor::from<double>({1}, std::span(&length, 1)), factor);
  return ops::dynamic_tanh(of_state, factor, weight(share_, pass).dense(), all, rows);
}

Tensor HyperConnections::enter(const Pass& pass, const Tensor& x, const Rows& rows) const {
  return ops::read_streams(x, mixing(pass, x, rows), streams_, rows);
}

Tensor HyperConnections::add(const Pass& pass, const Tensor& x, const Tensor& branch, const Tensor& bias,
                             const Rows& rows, const ops::DropoutSite& dropout) const {
  Tensor whole =
      bias.defined() || dropout.active() ? ops::bias_activation(branch, bias, rows, {.dropout = dropout}) : branch;
  if (const ops::DropoutSite survival = survival_.of(pass); survival.active())
    whole = ops::scaled_sum(ops::new_zeros(whole.shape(), whole.dtype()), whole, {}, rows, {.survival = survival});
  // The mixing is made again rather than kept from enter(): it is small beside the branch.
  return ops::write_streams(x, whole, mixing(pass, x, rows), streams_, rows);
}

}  // namespace heddle::nn::residuals
