#include "heddle/nn/attention/adaptive_span.h"
#include "heddle/nn/attention/head_windows.h"
#include "heddle/nn/attention/kind.h"
#include "heddle/nn/attention/linear.h"
#include "heddle/nn/attention/linformer.h"
#include "heddle/nn/attention/mixed_windows.h"
#include "heddle/nn/attention/offsets.h"
#include "heddle/nn/attention/segments.h"
#include "heddle/nn/attention/sink.h"
#include "heddle/nn/attention/softmax.h"

namespace heddle::nn::attentions {
namespace {

template <class T>
constexpr KindEntry kind_entry() {
  return {T::kIdea,
          T::kHasWeights,
          T::kIsSoftmax,
          [](const AttentionConfig& config) { return T::features(config); },
          [](const AttentionConfig& config, int64_t queries, int64_t keys, int64_t pairs) {
    return T::products(config, queries, keys, pairs);
          },
          [](const Place& place, const AttentionConfig& config) -> std::unique_ptr<Kind> {
            return std::make_unique<T>(place, config);
          }};
}

constexpr KindEntry kKinds[] = {
    kind_entry<Softmax>(),      kind_entry<Sink>(),     kind_entry<AdaptiveSpan>(), kind_entry<HeadWindows>(),
    kind_entry<MixedWindows>(), kind_entry<Segments>(), kind_entry<Offsets>(),      kind_entry<LinearAttention>(),
    kind_entry<Linformer>(),
};

}  // namespace

std::span<const KindEntry> all_kinds() { return kKinds; }

const KindEntry& find_kind(std::string_view name) { return entry_of(all_kinds(), "model.attention.kind", name); }

}  // namespace heddle::nn::attentions
