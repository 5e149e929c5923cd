#include "heddle/nn/attention/elu.h"
#include "heddle/nn/attention/feature_map.h"
#include "heddle/nn/attention/hedgehog.h"
#include "heddle/nn/attention/performer.h"
#include "heddle/nn/attention/relu.h"

namespace heddle::nn::attentions {
namespace {

template <class T>
constexpr FeatureMapEntry feature_map_entry() {
  return {T::kIdea, T::kKeepsProducts, [](const AttentionConfig& config) { return T::features(config); },
          [](const Place& place, const AttentionConfig& config) -> std::unique_ptr<FeatureMap> {
            return std::make_unique<T>(place, config);
          }};
}

constexpr FeatureMapEntry kFeatureMaps[] = {
    feature_map_entry<Elu>(),
    feature_map_entry<Relu>(),
    feature_map_entry<Hedgehog>(),
    feature_map_entry<Performer>(),
};

}  // namespace

std::span<const FeatureMapEntry> all_feature_maps() { return kFeatureMaps; }

const FeatureMapEntry& find_feature_map(std::string_view name) {
  return entry_of(all_feature_maps(), "model.attention.feature_map", name);
}

}  // namespace heddle::nn::attentions
