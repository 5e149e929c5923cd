#include "heddle/nn/embedding/attention.h"
#include "heddle/nn/embedding/concat.h"
#include "heddle/nn/embedding/domains.h"
#include "heddle/nn/embedding/gate.h"
#include "heddle/nn/embedding/mean.h"
#include "heddle/nn/embedding/sum.h"
#include "heddle/nn/embedding/weights.h"

namespace heddle::nn::embeddings {
namespace {

template <class T>
constexpr FusionEntry fusion_entry() {
  return {T::kIdea, T::kSideBySide, [](const Place& place, const FusionConfig& config) -> std::unique_ptr<Fusion> {
            return std::make_unique<T>(place, config);
          }};
}

constexpr FusionEntry kFusions[] = {
    fusion_entry<Sum>(),  fusion_entry<Mean>(),      fusion_entry<Concat>(),  fusion_entry<Weights>(),
    fusion_entry<Gate>(), fusion_entry<Attention>(), fusion_entry<Domains>(),
};

}  // namespace

std::span<const FusionEntry> all_fusions() { return kFusions; }

const FusionEntry& find_fusion(std::string_view name) {
  return entry_of(all_fusions(), "model.embedding.fusion", name);
}

}  // namespace heddle::nn::embeddings
