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
constexpr ProjectionEntry projection_entry() {
  return {T::kIdea, [](const Place& place, const AttentionConfig& config) -> std::unique_ptr<Projection> {
            return std::make_unique<T>(place, config);
          }};
}

constexpr ProjectionEntry kProjections[] = {
    projection_entry<Fused>(),     projection_entry<Separate>(),   projection_entry<SharedQk>(),
    projection_entry<ValueOnly>(), projection_entry<MultiQuery>(), projection_entry<Grouped>(),
    projection_entry<Latent>(),
};

}  // namespace

std::span<const ProjectionEntry> all_projections() { return kProjections; }

const ProjectionEntry& find_projection(std::string_view name) {
  return entry_of(all_projections(), "model.attention.projection", name);
}

}  // namespace heddle::nn::attentions
