#include "heddle/nn/attention/fused.h"
#include "heddle/nn/attention/grouped.h"
#include "heddle/nn/attention/latent.h"
#include "heddle/nn/attention/multi_query.h"
#include "heddle/nn/attention/projection.h"
#include "heddle/nn/attention/separate.h"
#include "heddle/nn/attention/shared_qk.h"
#include "heddle/nn/attention/value_only.h"

namespace heddle::nn::attentions {
namespace {

template <class T>
constexpr ProjectionEntry entry() {
  return {T::kIdea, [](const Place& place, const AttentionConfig& config) -> std::unique_ptr<Projection> {
            return std::make_unique<T>(place, config);
          }};
}

constexpr ProjectionEntry kAll[] = {
    entry<Fused>(),      entry<Separate>(), entry<SharedQk>(), entry<ValueOnly>(),
    entry<MultiQuery>(), entry<Grouped>(),  entry<Latent>(),
};

}  // namespace

std::span<const ProjectionEntry> all_projections() { return kAll; }

const ProjectionEntry& find_projection(std::string_view name) {
  return entry_of(all_projections(), "model.attention.projection", name);
}

}  // namespace heddle::nn::attentions
