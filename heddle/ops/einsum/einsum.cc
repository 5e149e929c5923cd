#include "heddle/ops/einsum/einsum.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>

#include "heddle/ops/dispatch.h"
#include "heddle/ops/einsum/contraction.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {
namespace {

constexpr double kMostBytes = 0x1p47;  // what a process can address

Sizes sizes_of(const Shape& shape) {
  Sizes sizes;
  for (int d = 0; d < shape.rank(); ++d) sizes.push_back(shape[d]);
  return sizes;
}

// Throws for what must not be allocated; nothing has been yet.
void check_results(const EinsumPlan& plan, DType dtype) {
  for (size_t i = 0; i < plan.steps.size(); ++i)
    if (plan.steps[i].elements * static_cast<double>(size_of(dtype)) > kMostBytes)
      fail_input("einsum \"{}\": the result of step {} [{}] would have {:.3g} elements, which no memory holds",
                 plan.indices.expression.text, i + 1, plan.indices.text(plan.steps[i].result), plan.steps[i].elements);
  if (plan.indices.output.size() > static_cast<size_t>(Shape::kMaxRank))
    fail_input("einsum \"{}\": the result would have {} dimensions, but a tensor has at most {}",
               plan.indices.expression.text, plan.indices.output.size(), Shape::kMaxRank);
}

DType common_dtype(const EinsumPlan& plan, std::span<const Tensor> operands) {
  const std::string& text = plan.indices.expression.text;
  if (operands.size() != plan.indices.operands.size())
    fail_input("einsum \"{}\" has {} operands, but {} tensors were given", text, plan.indices.operands.size(),
               operands.size());
  for (size_t i = 0; i < operands.size(); ++i) {
    if (operands[i].dtype() != operands[0].dtype() ||
        (operands[i].dtype() != DType::f32 && operands[i].dtype() != DType::f64))
      fail_input("einsum \"{}\": operand {} is {} and operand 1 is {}; expected all f32 or all f64", text, i + 1,
                 name_of(operands[i].dtype()), name_of(operands[0].dtype()));
    const std::vector<int>& dimensions = plan.indices.operands[i];
    bool fits = operands[i].shape().rank() == static_cast<int>(dimensions.size());
    for (size_t d = 0; fits && d < dimensions.size(); ++d)
      fits = operands[i].shape()[static_cast<int>(d)] ==
             (dimensions[d] < 0 ? 1 : plan.indices.sizes[static_cast<size_t>(dimensions[d])]);
    if (!fits)
      fail_input("einsum \"{}\": operand {} has the shape {}, which the plan was not made for", text, i + 1,
                 operands[i].shape().text());
  }
  return operands[0].dtype();
}

// What a step's backward pass knows beside the values.
struct Step {
  Sizes sizes;
  std::vector<int> left, right, result;
  Shape left_shape, right_shape;
};

// The gradient of one value of a step from that of the result and, of a product, the other value.
void add_gradient(Backward& b, int input, const Step& step, const Tensor* other) {
  if (!b.wants(input)) return;
  const bool is_left = input == 0;
  const Tensor& dy = b.gradient(0);
  const auto [dx, accumulate] = b.target(input, is_left ? step.left_shape : step.right_shape, dy.dtype());
  const std::vector<int>& own = is_left ? step.left : step.right;
  const EinsumView into(dx, own, step.sizes), from(dy, step.result, step.sizes);
  bool add = accumulate;
  const bool is_diagonal = std::popcount(into.indices) != std::ranges::count_if(own, [](int i) { return i >= 0; });
  if (is_diagonal && !accumulate) {  // what lies beside it gets nothing
    std::memset(dx.raw(), 0, static_cast<size_t>(dx.bytes()));
    add = true;
  }
  if (!other) return contract(step.sizes, from, nullptr, into, add);
  const EinsumView factor(*other, is_left ? step.right : step.left, step.sizes);
  contract(step.sizes, from, &factor, into, add);
}

// Values on their way: operands first, then results of steps, gone when a step has used them.
struct Value {
  Tensor tensor;
  std::vector<int> dimensions;
};

Tensor run_step(const Sizes& sizes, const Value& left, const Value* right, const std::vector<int>& result,
                const Shape& shape) {
  Tensor y = new_tensor(shape, left.tensor.dtype());
  const EinsumView from_left(left.tensor, left.dimensions, sizes), into(y, result, sizes);
  if (right) {
    const EinsumView from_right(right->tensor, right->dimensions, sizes);
    contract(sizes, from_left, &from_right, into, false);
  } else {
    contract(sizes, from_left, nullptr, into, false);
  }
  Tape* tape = right ? recording({&left.tensor, &right->tensor}) : recording({&left.tensor});
  if (!tape) return y;
  auto step = std::make_shared<const Step>(Step{sizes, left.dimensions, right ? right->dimensions : std::vector<int>(),
                                                result, left.tensor.shape(), right ? right->tensor.shape() : Shape()});
  if (!right) {
    tape->record({&left.tensor}, {&y}, {}, [step](Backward& b) { add_gradient(b, 0, *step, nullptr); });
    return y;
  }
  tape->record({&left.tensor, &right->tensor}, {&y}, {},
               [step, a = tape->save(left.tensor), b_value = tape->save(right->tensor)](Backward& b) {
    const Tensor of_left = a.load(), of_right = b_value.load();
    add_gradient(b, 0, *step, &of_right);
    add_gradient(b, 1, *step, &of_left);
  });
  return y;
}

}  // namespace

EinsumPlan plan_einsum(std::string_view expression, std::span<const Tensor> operands) {
  std::vector<Sizes> shapes;
  for (const Tensor& operand : operands) shapes.push_back(sizes_of(operand.shape()));
  return plan_einsum(expression, shapes);
}

Tensor einsum(const EinsumPlan& plan, std::span<const Tensor> operands) {
  check_results(plan, common_dtype(plan, operands));
  std::vector<Value> values;
  for (size_t i = 0; i < operands.size(); ++i) values.push_back({operands[i], plan.indices.operands[i]});
  for (const EinsumStep& step : plan.steps) {
    Sizes shape;
    for (const int index : step.result) shape.push_back(plan.indices.sizes[static_cast<size_t>(index)]);
    const bool last = &step == &plan.steps.back();  // others may have more dimensions than a tensor
    Value& left = values[static_cast<size_t>(step.left)];
    Value* right = step.right < 0 ? nullptr : &values[static_cast<size_t>(step.right)];
    Tensor y = run_step(plan.indices.sizes, left, right, step.result,
                        last ? Shape(shape) : Shape{static_cast<int64_t>(step.elements)});
    left = {};
    if (right) *right = {};
    values.push_back({std::move(y), step.result});
  }
  return values.back().tensor;
}

Tensor einsum(std::string_view expression, std::span<const Tensor> operands) {
  return einsum(plan_einsum(expression, operands), operands);
}

Tensor einsum(std::string_view expression, std::initializer_list<Tensor> operands) {
  return einsum(expression, std::span(operands.begin(), operands.size()));
}

}  // namespace heddle::ops
