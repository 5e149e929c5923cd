#include "heddle/nn/position/factory.h"

#include "heddle/nn/position/alibi.h"
#include "heddle/nn/position/cope.h"
#include "heddle/nn/position/learned.h"
#include "heddle/nn/position/none.h"
#include "heddle/nn/position/rope.h"
#include "heddle/nn/position/shaw.h"
#include "heddle/nn/position/sinusoidal.h"
#include "heddle/nn/position/t5_bias.h"
#include "heddle/nn/position/transformer_xl.h"

namespace heddle::nn::positions {
namespace {

template <class T>
constexpr Entry entry() {
  return {T::kIdea, T::kInAttention, T::kHasWeights,
          [](const Place& place, const PositionConfig& config) -> std::unique_ptr<Position> {
            return std::make_unique<T>(place, config);
          }};
}

constexpr Entry kAll[] = {
    entry<Sinusoidal>(), entry<Learned>(),       entry<Rope>(), entry<Alibi>(), entry<T5Bias>(),
    entry<Shaw>(),       entry<TransformerXl>(), entry<Cope>(), entry<None>(),
};

}  // namespace

std::span<const Entry> all() { return kAll; }

const Entry& find(std::string_view name) { return entry_of(all(), "model.position", name); }

}  // namespace heddle::nn::positions
