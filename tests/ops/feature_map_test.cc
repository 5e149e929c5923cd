#include "heddle/ops/feature_map.h"

#include "tests/ops/gradient_check.h"

namespace heddle::ops {
namespace {

// body(random, rows, pieces, width of a piece)
template <class Body>
void over_pieces(uint64_t seed, Body&& body) {
  over_packed_rows(seed, [&](RandomStream& random, const PackedRows& rows) {
    const int64_t widths[] = {1, 3, 8, 17};
    body(random, rows, 1 + static_cast<int64_t>(random.below(3)), widths[random.below(4)]);
  });
}

TEST(FeatureMaps, Elu) {
  over_pieces(51, [](RandomStream& random, const PackedRows& rows, int64_t pieces, int64_t width) {
    Operation operation;
    operation.inputs = {random_tensor(random, {rows.count(), pieces * width})};
    operation.run = [&](const Tensors& t, Compute) { return elu_features(t[0], rows.rows()); };
    check_operation(operation);
  });
}

TEST(FeatureMaps, Relu) {
  over_pieces(52, [](RandomStream& random, const PackedRows& rows, int64_t pieces, int64_t width) {
    Operation operation;
    operation.inputs = {random_tensor(random, {rows.count(), pieces * width})};
    operation.run = [&](const Tensors& t, Compute) { return relu_features(t[0], rows.rows()); };
    check_operation(operation);
  });
}

TEST(FeatureMaps, Softmax) {
  over_pieces(53, [](RandomStream& random, const PackedRows& rows, int64_t pieces, int64_t width) {
    Operation operation;
    operation.inputs = {random_tensor(random, {rows.count(), pieces * width})};
    operation.run = [&](const Tensors& t, Compute) { return softmax_features(t[0], rows.rows(), pieces); };
    check_operation(operation);
  });
}

TEST(FeatureMaps, RandomOfQueries) {
  over_pieces(54, [](RandomStream& random, const PackedRows& rows, int64_t pieces, int64_t width) {
    const Tensor directions = random_tensor(random, {2 + static_cast<int64_t>(random.below(9)), width});
    Operation operation;
    operation.inputs = {random_tensor(random, {rows.count(), pieces * width})};
    operation.run = [&](const Tensors& t, Compute) {
      return random_query_features(t[0], converted(directions, t[0].dtype()), 0.7, rows.rows(), pieces);
    };
    check_operation(operation);
  });
}

TEST(FeatureMaps, RandomOfKeys) {
  over_pieces(55, [](RandomStream& random, const PackedRows& rows, int64_t pieces, int64_t width) {
    const Tensor directions = random_tensor(random, {2 + static_cast<int64_t>(random.below(9)), width});
    Operation operation;
    operation.inputs = {random_tensor(random, {rows.count(), pieces * width})};
    operation.run = [&](const Tensors& t, Compute) {
      return random_key_features(t[0], converted(directions, t[0].dtype()), 0.7, rows.rows(), pieces);
    };
    check_operation(operation);
  });
}

// The mean over many directions of φ(q)·φ(k) is exp(scale²·q·k), up to what cancels of the query.
TEST(FeatureMaps, RandomOnesEstimateTheSoftmax) {
  RandomStream random({56, 0, 0, 0});
  const int64_t width = 4, features = 40000;
  const Tensor directions = random_tensor(random, {features, width});
  const Tensor q = random_tensor(random, {1, width}, 0.5), k = random_tensor(random, {2, width}, 0.5);
  const double scale = std::pow(4.0, -0.25);
  const Tensor of_q = random_query_features(q, directions, scale, {}, 1),
               of_k = random_key_features(k, directions, scale, {}, 1);
  double estimated[2], exact[2];
  for (int64_t j = 0; j < 2; ++j) {
    double sum = 0, product = 0;
    for (int64_t f = 0; f < features; ++f) sum += of_q.data<double>()[f] * of_k.data<double>()[j * features + f];
    for (int64_t c = 0; c < width; ++c) product += q.data<double>()[c] * k.data<double>()[j * width + c];
    estimated[j] = sum;
    exact[j] = std::exp(product / 2);
  }
  EXPECT_NEAR(estimated[0] / estimated[1] / (exact[0] / exact[1]), 1, 0.03);
}

// Keys along a direction, and far from all: no number becomes infinite or no number.
TEST(FeatureMaps, StayFinite) {
  const Tensor directions = Tensor::from<float>({1, 2}, std::vector<float>{300, 0});
  const Tensor x = Tensor::from<float>({3, 2}, std::vector<float>{300, 0, -1e15f, 1e15f, 0, 0});
  for (const Tensor& y : {random_key_features(x, directions, 1, {}, 1), random_query_features(x, directions, 1, {}, 1),
                          elu_features(x, {}), softmax_features(x, {}, 1)})
    for (const float value : y.span<float>()) EXPECT_TRUE(std::isfinite(value)) << value;
}

}  // namespace
}  // namespace heddle::ops
