#include "heddle/lab/numbers.h"

#include <gtest/gtest.h>

namespace heddle::lab {
namespace {

TEST(Numbers, AreThoseOfTheTensorInAnyFormat) {
  const std::vector<double> values = {1, -2, 0.5, 4};
  const Tensor wide = Tensor::from<double>({2, 2}, values), narrow = Tensor::zeros({2, 2}, DType::f32);
  copy_into(wide, narrow);
  EXPECT_EQ(numbers_of(wide), values);
  EXPECT_EQ(numbers_of(narrow), values);
}

TEST(Numbers, SayHowFarTwoListsLieApart) {
  const std::vector<double> a = {3, 4}, b = {3, 0}, longer = {1, 2, 3};
  EXPECT_EQ(largest_difference(a, b), 4);
  EXPECT_DOUBLE_EQ(relative_distance(b, a), 0.8);
  EXPECT_DOUBLE_EQ(relative_distance(a, b), 4.0 / 3);
  EXPECT_DOUBLE_EQ(cosine(a, b), 0.6);
  EXPECT_THROW(largest_difference(a, longer), Error);
  EXPECT_THROW(relative_distance(a, longer), Error);
  EXPECT_THROW(cosine(a, longer), Error);
}

}  // namespace
}  // namespace heddle::lab
