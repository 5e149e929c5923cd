// Filters over the characters of tokens, against the definition, and their gradients; a weight read the other way.

#include "heddle/ops/character_convolution.h"

#include "heddle/ops/transposed_linear.h"
#include "tests/ops/gradient_check.h"

namespace heddle::ops {
namespace {

constexpr int64_t kLength = 6, kCodes = 9;

// Of each token 1 to kLength codes, 0 behind them.
std::vector<int32_t> random_codes(RandomStream& random, int64_t tokens) {
  std::vector<int32_t> codes(static_cast<size_t>(tokens * kLength));
  for (int64_t t = 0; t < tokens; ++t)
    for (int64_t j = 0, count = 1 + static_cast<int64_t>(random.below(kLength)); j < count; ++j)
      codes[static_cast<size_t>(t * kLength + j)] = 1 + static_cast<int32_t>(random.below(kCodes - 1));
  return codes;
}

TEST(Gradients, CharacterConvolution) {
  over_packed_rows(91, [](RandomStream& random, const PackedRows& rows) {
    const std::vector<int32_t> codes = random_codes(random, rows.count());
    const int64_t width = 1 + static_cast<int64_t>(random.below(4)), taps = 1 + static_cast<int64_t>(random.below(6));
    Operation operation;
    operation.inputs = {random_tensor(random, {kCodes, width}),
                        random_tensor(random, {1 + static_cast<int64_t>(random.below(4)), taps * width})};
    operation.run = [&](const Tensors& t, Compute) {
      return character_convolution(codes, kLength, t[0], t[1], rows.rows());
    };
    check_operation(operation);
  });
}

TEST(CharacterConvolution, IsTheLargestAnswerOfEachFilter) {
  RandomStream random({92, 0, 0, 0});
  const std::vector<int32_t> codes = random_codes(random, 30);
  for (const int64_t taps : {1, 3, 6}) {
    const Tensor table = random_tensor(random, {kCodes, 2}), filter = random_tensor(random, {5, taps * 2});
    const Tensor y = character_convolution(codes, kLength, table, filter, {});
    for (int64_t t = 0; t < 30; ++t)
      for (int64_t f = 0; f < 5; ++f) {
        const auto first = codes.begin() + t * kLength;
        const auto count = std::find(first, first + kLength, 0) - first;
        double best = -1e300;
        for (int64_t p = 0; p == 0 || p + taps <= count; ++p) {
          double sum = 0;
          for (int64_t j = 0; j < taps * 2; ++j)
            sum += filter.data<double>()[f * taps * 2 + j] * table.data<double>()[first[p + j / 2] * 2 + j % 2];
          best = std::max(best, sum);
        }
        EXPECT_NEAR(y.data<double>()[t * 5 + f], best, 1e-12);
      }
  }
}

TEST(Gradients, TransposedLinear) {
  over_packed_rows(93, [](RandomStream& random, const PackedRows& rows) {
    const int64_t out = 1 + static_cast<int64_t>(random.below(20)), in = 1 + static_cast<int64_t>(random.below(20));
    Operation operation;
    operation.has_bf16 = true;
    operation.inputs = {random_tensor(random, {rows.count(), out}), random_tensor(random, {out, in})};
    operation.run = [&](const Tensors& t, Compute compute) {
      return transposed_linear(t[0], t[1], rows.rows(), compute);
    };
    check_operation(operation);
  });
}

}  // namespace
}  // namespace heddle::ops
