// Streams side by side: gradients of every mixing, and the mean of copies.

#include "heddle/ops/residual_streams.h"

#include "tests/ops/gradient_check.h"

namespace heddle::ops {
namespace {

// One mixing of all tokens, or one of each.
Tensor random_mixing(RandomStream& random, int64_t tokens, int64_t streams) {
  const int64_t numbers = streams * (streams + 2);
  return random.below(2) ? random_tensor(random, {numbers}) : random_tensor(random, {tokens, numbers});
}

TEST(Gradients, ReadStreams) {
  over_packed_rows(81, [](RandomStream& random, const PackedRows& rows) {
    const int64_t streams = 2 + static_cast<int64_t>(random.below(3)),
                  width = 1 + static_cast<int64_t>(random.below(20));
    Operation operation;
    operation.inputs = {random_tensor(random, {rows.count(), streams * width}),
                        random_mixing(random, rows.count(), streams)};
    operation.run = [&](const Tensors& t, Compute) { return read_streams(t[0], t[1], streams, rows.rows()); };
    check_operation(operation);
  });
}

TEST(Gradients, WriteStreams) {
  over_packed_rows(82, [](RandomStream& random, const PackedRows& rows) {
    const int64_t streams = 2 + static_cast<int64_t>(random.below(3)),
                  width = 1 + static_cast<int64_t>(random.below(20));
    Operation operation;
    operation.inputs = {random_tensor(random, {rows.count(), streams * width}),
                        random_tensor(random, {rows.count(), width}), random_mixing(random, rows.count(), streams)};
    operation.run = [&](const Tensors& t, Compute) { return write_streams(t[0], t[1], t[2], streams, rows.rows()); };
    check_operation(operation);
  });
}

TEST(Gradients, StreamProducts) {
  over_packed_rows(83, [](RandomStream& random, const PackedRows& rows) {
    const int64_t streams = 1 + static_cast<int64_t>(random.below(3)),
                  width = 1 + static_cast<int64_t>(random.below(20));
    Operation operation;
    operation.inputs = {random_tensor(random, {rows.count(), streams * width}),
                        random_tensor(random, {1 + static_cast<int64_t>(random.below(5)), width})};
    operation.run = [&](const Tensors& t, Compute) { return stream_products(t[0], t[1], rows.rows()); };
    check_operation(operation);
  });
}

TEST(Gradients, IntoStreamsAndTheirMean) {
  over_packed_rows(84, [](RandomStream& random, const PackedRows& rows) {
    const int64_t streams = 2 + static_cast<int64_t>(random.below(3)),
                  width = 1 + static_cast<int64_t>(random.below(20));
    Operation operation;
    operation.inputs = {random_tensor(random, {rows.count(), width})};
    operation.run = [&](const Tensors& t, Compute) { return into_streams(t[0], streams, rows.rows()); };
    check_operation(operation);
    operation.inputs = {random_tensor(random, {rows.count(), streams * width})};
    operation.run = [&](const Tensors& t, Compute) { return mean_of_streams(t[0], streams, rows.rows()); };
    check_operation(operation);
  });
}

}  // namespace
}  // namespace heddle::ops
