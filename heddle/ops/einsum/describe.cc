#include <fmt/format.h>

#include "heddle/ops/einsum/plan.h"

namespace heddle::ops {
namespace {

std::string number(double value) { return value < 1e15 ? fmt::format("{:.0f}", value) : fmt::format("{:.3e}", value); }

std::string what_runs(const EinsumPlan& plan, const EinsumStep& step) {
  const EinsumIndices& indices = plan.indices;
  if (step.right < 0) return step.multiply_adds > 0 ? "sum" : "copy";
  const IndexSet result = indices.set_of(step.result);
  const JoinIndices parts = join_indices(plan.dimensions(step.left), plan.dimensions(step.right), result);
  const auto count = [&](const std::vector<int>& part) { return indices.count(indices.set_of(part)); };
  const double batch = count(parts.batch), m = count(parts.left), k = count(parts.inner), n = count(parts.right);
  if (m * n * k == 1) return fmt::format("{} product{}", number(batch), batch == 1 ? "" : "s");
  const std::string matrix = fmt::format("[{}, {}]·[{}, {}]", number(m), number(k), number(k), number(n));
  return batch == 1 ? matrix : fmt::format("{} times {}", number(batch), matrix);
}

}  // namespace

std::string describe(const EinsumPlan& plan) {
  const EinsumIndices& indices = plan.indices;
  std::string text = indices.expression.text + "\n ";
  for (size_t i = 0; i < indices.names.size(); ++i) text += fmt::format(" {}={}", indices.names[i], indices.sizes[i]);
  text += "\n";
  const auto value_name = [&](int value) {
    const auto operands = static_cast<int>(indices.operands.size());
    return fmt::format("{}{}[{}]", value < operands ? "operand " : "step ",
                       value < operands ? value + 1 : value - operands + 1, indices.text(plan.dimensions(value)));
  };
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const EinsumStep& step = plan.steps[i];
    text += fmt::format("  step {}: {}{} -> [{}]: {}; {} multiply-adds, {} elements\n", i + 1, value_name(step.left),
                        step.right < 0 ? "" : ", " + value_name(step.right), indices.text(step.result),
                        what_runs(plan, step), number(step.multiply_adds), number(step.elements));
  }
  const EinsumPlan plain = plan_einsum(indices, EinsumOrder::left_to_right);
  return text +
         fmt::format("  {} multiply-adds (left to right {}, all at once {}); at most {} elements of results at once\n",
                     number(plan.multiply_adds), number(plain.multiply_adds), number(all_at_once(indices)),
                     number(plan.peak_elements));
}

}  // namespace heddle::ops
