#include "heddle/nn/norm/factory.h"

#include "heddle/nn/norm/batch.h"
#include "heddle/nn/norm/dyt.h"
#include "heddle/nn/norm/group.h"
#include "heddle/nn/norm/instance.h"
#include "heddle/nn/norm/layer.h"
#include "heddle/nn/norm/none.h"
#include "heddle/nn/norm/rms.h"
#include "heddle/nn/norm/scale.h"

namespace heddle::nn::norms {
namespace {

template <class T>
constexpr Entry entry() {
  return {T::kIdea, [](const Place& place, const NormConfig& config) -> std::unique_ptr<Norm> {
            return std::make_unique<T>(place, config);
          }};
}

constexpr Entry kAll[] = {
    entry<Layer>(),    entry<Rms>(),   entry<Batch>(), entry<Group>(),
    entry<Instance>(), entry<Scale>(), entry<Dyt>(),   entry<None>(),
};

}  // namespace

std::span<const Entry> all() { return kAll; }

const Entry& find(std::string_view name) { return entry_of(all(), "model.norm", name); }

}  // namespace heddle::nn::norms
