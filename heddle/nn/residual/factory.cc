#include "heddle/nn/residual/factory.h"

#include "heddle/nn/residual/deepnorm.h"
#include "heddle/nn/residual/dropped.h"
#include "heddle/nn/residual/fixup.h"
#include "heddle/nn/residual/hyper_connections.h"
#include "heddle/nn/residual/layerscale.h"
#include "heddle/nn/residual/parallel.h"
#include "heddle/nn/residual/plain.h"
#include "heddle/nn/residual/rezero.h"

namespace heddle::nn::residuals {
namespace {

template <class T>
constexpr Entry entry() {
  return {T::kIdea,
          [](const Place& place, const ResidualConfig& config) -> std::unique_ptr<Scheme> {
            return std::make_unique<T>(place, config);
          },
          [](const Depth& depth) { return T::start(depth); }};
}

constexpr Entry kAll[] = {
    entry<Plain>(), entry<DeepNorm>(), entry<ReZero>(),           entry<LayerScale>(),
    entry<Fixup>(), entry<Parallel>(), entry<HyperConnections>(),
};

}  // namespace

std::span<const Entry> all() { return kAll; }

const Entry& find(std::string_view name) { return entry_of(all(), "model.residual", name); }

std::unique_ptr<Scheme> make(const Place& place, const ResidualConfig& config) {
  std::unique_ptr<Scheme> scheme = find(config.kind).make(place, config);
  if (scheme->is_plain_sum() && config.stochastic_depth > 0) return std::make_unique<Dropped>(place, config);
  return scheme;
}

}  // namespace heddle::nn::residuals
