#include "heddle/ops/int8_rows.h"

#include "tests/ops/gradient_check.h"

namespace heddle::ops {
namespace {

TEST(Int8Rows, AreNearAndWhatWasRoundedStays) {
  RandomStream random({91, 0, 0, 0});
  const Tensor x = converted(random_tensor(random, {50, 33}), DType::f32);
  const Tensor once = int8_rows(x, 1.0, {}), twice = int8_rows(once, 1.0, {});
  EXPECT_EQ(numbers(once), numbers(twice));
  EXPECT_LE(tensor_error(numbers(once), numbers(x)), 0.5 / 127);
  EXPECT_NE(numbers(once), numbers(x));
  const Tensor back = Tensor::zeros(x.shape(), DType::f32);
  from_int8(to_int8(x), back);
  EXPECT_EQ(numbers(back), numbers(once));
}

TEST(Int8Rows, ZerosStayAndWhatIsNotFiniteShows) {
  const Tensor x = Tensor::from<double>({2, 2}, std::vector<double>{0, 0, 3, std::nan("")});
  const Doubles y = numbers(int8_rows(x, 2.0, {}));
  EXPECT_EQ(y[0], 0);
  EXPECT_EQ(y[2], 6);
  EXPECT_TRUE(std::isnan(y[3]));
}

}  // namespace
}  // namespace heddle::ops
