#include "heddle/nn/feedforward/factory.h"

#include "heddle/nn/feedforward/convolution.h"
#include "heddle/nn/feedforward/geglu.h"
#include "heddle/nn/feedforward/gelu.h"
#include "heddle/nn/feedforward/gelu_tanh.h"
#include "heddle/nn/feedforward/low_rank.h"
#include "heddle/nn/feedforward/moe.h"
#include "heddle/nn/feedforward/none.h"
#include "heddle/nn/feedforward/prelu.h"
#include "heddle/nn/feedforward/reglu.h"
#include "heddle/nn/feedforward/relu.h"
#include "heddle/nn/feedforward/silu.h"
#include "heddle/nn/feedforward/squared_relu.h"
#include "heddle/nn/feedforward/swiglu.h"
#include "heddle/nn/feedforward/swish.h"

namespace heddle::nn::feedforward {
namespace {

template <class T>
constexpr Entry entry() {
  return {T::kIdea,
          [](const Place& place, const FeedForwardConfig& config) -> std::unique_ptr<Kind> {
            return std::make_unique<T>(place, config);
          },
          [](const FeedForwardConfig& config) { return T::cost(config); }};
}

template <>
constexpr Entry entry<None>() {
  return {None::kIdea, [](const Place&, const FeedForwardConfig&) { return std::unique_ptr<Kind>(); },
          [](const FeedForwardConfig&) { return Cost{}; }};
}

constexpr Entry kAll[] = {
    entry<Relu>(),    entry<SquaredRelu>(), entry<Gelu>(),   entry<GeluTanh>(), entry<Silu>(),
    entry<PRelu>(),   entry<Swish>(),       entry<SwiGlu>(), entry<GeGlu>(),    entry<ReGlu>(),
    entry<LowRank>(), entry<Convolution>(), entry<Moe>(),    entry<None>(),
};

}  // namespace

std::span<const Entry> all() { return kAll; }

const Entry& find(std::string_view name) { return entry_of(all(), "model.ffn_kind", name); }

}  // namespace heddle::nn::feedforward
