// What joins the vectors of several sources row by row.

#include "heddle/ops/concatenate.h"
#include "heddle/ops/elementwise_product.h"
#include "heddle/ops/row_softmax.h"
#include "tests/ops/gradient_check.h"

namespace heddle::ops {
namespace {

TEST(Gradients, ElementwiseProductConcatenateAndRowSoftmax) {
  over_packed_rows(82, [](RandomStream& random, const PackedRows& rows) {
    const auto width = 1 + static_cast<int64_t>(random.below(20)), other = 1 + static_cast<int64_t>(random.below(9));
    const Tensor a = random_tensor(random, {rows.count(), width});
    check_operation({.inputs = {a, random_tensor(random, {rows.count(), width})},
                     .run = [&](const Tensors& t, Compute) { return elementwise_product(t[0], t[1], rows.rows()); }});
    check_operation({.inputs = {a, random_tensor(random, {rows.count(), 1})},
                     .run = [&](const Tensors& t, Compute) { return elementwise_product(t[0], t[1], rows.rows()); }});
    check_operation({.inputs = {a, random_tensor(random, {rows.count(), other})},
                     .run = [&](const Tensors& t, Compute) { return concatenate(t[0], t[1], rows.rows()); }});
    check_operation({.inputs = {a}, .run = [&](const Tensors& t, Compute) { return row_softmax(t[0], rows.rows()); }});
  });
}

}  // namespace
}  // namespace heddle::ops
