#include "heddle/inspect/parameter_groups.h"

#include <algorithm>

#include "heddle/nn/gradients.h"
#include "heddle/ops/dispatch.h"

namespace heddle::inspect {
namespace {

double squares_of(const Tensor& flat, int64_t begin, int64_t count) {
  return ops::with_real_type(flat.dtype(), [&]<class T>(T) {
    double sum = 0;
    for (const T value : flat.span<T>().subspan(static_cast<size_t>(begin), static_cast<size_t>(count)))
      sum += static_cast<double>(value) * static_cast<double>(value);
    return sum;
  });
}

}  // namespace

Tensor mean_gradient(const Subject& subject, const Examples& examples) {
  nn::SummedGradients gradients(subject.parameters, subject.weights);
  gradients.zero();
  const int64_t tokens = examples.asked();
  Arena arena;
  for_each_batch(examples, [&](const data::TranslationBatch& batch, int64_t) {
    {
      ops::Tape tape(arena);
      nn::Pass pass = subject.pass();
      pass.frozen = false;
      const Tensor states = states_of(subject, pass, batch);
      const ops::OutputLoss loss = subject.model.loss(pass, states, batch.target_out.ids, batch.target_in.rows(),
                                                      {.scale = 1 / static_cast<double>(std::max<int64_t>(1, tokens))});
      const ops::Seed seed{loss.loss, {}};
      tape.backward({&seed, 1}, gradients);
    }
    arena.reset();
  });
  return keep(gradients.flat());
}

std::vector<ParameterGroup> parameter_groups(const Subject& subject, const Tensor& gradient, bool each) {
  std::vector<ParameterGroup> groups;
  for (const nn::ParameterInfo& info : subject.parameters.all()) {
    const std::string& name = each ? info.name : info.role;
    auto group = std::ranges::find(groups, name, &ParameterGroup::name);
    if (group == groups.end()) {
      groups.push_back({.name = name});
      group = groups.end() - 1;
    }
    ++group->weights;
    group->numbers += info.shape.count();
    group->trainable += info.trainable ? info.shape.count() : 0;
    group->squares += squares_of(subject.weights.flat(), info.offset, info.shape.count());
    if (gradient.defined()) group->gradient_squares += squares_of(gradient, info.offset, info.shape.count());
  }
  return groups;
}

}  // namespace heddle::inspect
