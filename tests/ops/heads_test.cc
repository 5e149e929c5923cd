// What is done to queries and keys head by head.

#include "heddle/ops/head_product.h"
#include "heddle/ops/head_scale.h"
#include "heddle/ops/rotary.h"
#include "heddle/ops/weighted_share.h"
#include "tests/ops/gradient_check.h"

namespace heddle::ops {
namespace {

TEST(Gradients, HeadProduct) {
  over_packed_rows(61, [&](RandomStream& random, const PackedRows& rows) {
    const int64_t width = 1 + static_cast<int64_t>(random.below(9)), heads = 1 + static_cast<int64_t>(random.below(3));
    Operation operation;
    operation.inputs = {random_tensor(random, {rows.count(), heads * width}),
                        random_tensor(random, {heads * width, width}, 1 / std::sqrt(static_cast<double>(width)))};
    operation.run = [&](const Tensors& t, Compute compute) { return head_product(t[0], t[1], rows.rows(), compute); };
    operation.has_bf16 = true;
    check_operation(operation);
  });
}

TEST(Gradients, HeadScale) {
  over_packed_rows(62, [&](RandomStream& random, const PackedRows& rows) {
    const int64_t width = 1 + static_cast<int64_t>(random.below(9)), heads = 1 + static_cast<int64_t>(random.below(3));
    Operation operation;
    operation.inputs = {random_tensor(random, {rows.count(), heads * width}), random_tensor(random, {heads})};
    operation.run = [&](const Tensors& t, Compute) { return head_scale(t[0], t[1], rows.rows()); };
    check_operation(operation);
  });
}

TEST(Gradients, AddShare) {
  over_packed_rows(64, [&](RandomStream& random, const PackedRows& rows) {
    const int64_t width = 1 + static_cast<int64_t>(random.below(9)), heads = 1 + static_cast<int64_t>(random.below(3));
    Operation operation;
    operation.inputs = {random_tensor(random, {rows.count(), heads * width}),
                        random_tensor(random, {rows.count(), heads * width}), random_tensor(random, {heads, 2})};
    operation.run = [&](const Tensors& t, Compute) {
      return add_share(add_share({}, t[0], t[2], 0, rows.rows()), t[1], t[2], 1, rows.rows());
    };
    check_operation(operation);
  });
}

RotaryTable random_turns(RandomStream& random, int64_t positions, int64_t pairs) {
  const RotaryTable table = {Tensor::zeros({positions, pairs}, DType::f64),
                             Tensor::zeros({positions, pairs}, DType::f64)};
  for (int64_t i = 0; i < positions * pairs; ++i) {
    const double angle = static_cast<double>(static_cast<float>(6.28 * random.uniform()));
    table.cosine.data<double>()[i] = static_cast<double>(static_cast<float>(std::cos(angle)));
    table.sine.data<double>()[i] = static_cast<double>(static_cast<float>(std::sin(angle)));
  }
  return table;
}

TEST(Gradients, Rotate) {
  over_packed_rows(63, [&](RandomStream& random, const PackedRows& rows) {
    const int64_t pairs = 1 + static_cast<int64_t>(random.below(9)), heads = 1 + static_cast<int64_t>(random.below(3));
    const int64_t columns = 2 * pairs * heads, rest = static_cast<int64_t>(random.below(4));
    const RotaryTable table = random_turns(random, 16, pairs);
    Operation operation;
    operation.inputs = {random_tensor(random, {rows.count(), columns + rest})};
    operation.run = [&](const Tensors& t, Compute) {
      const RotaryTable typed = {converted(table.cosine, t[0].dtype()), converted(table.sine, t[0].dtype())};
      return rotate(t[0], columns, 2 * pairs, typed, rows.rows());
    };
    check_operation(operation);
  });
}

}  // namespace
}  // namespace heddle::ops
