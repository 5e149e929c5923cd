#include "heddle/nn/parameters.h"

#include <gtest/gtest.h>

#include "heddle/base/error.h"

namespace heddle::nn {
namespace {

struct Table {
  Parameters parameters;
  ParameterId a, b, c;
  Table() {
    a = parameters.declare(
        {.name = "encoder.layers.0.first.weight", .role = "feed_forward", .shape = {5, 3}, .init = Init::xavier()});
    b = parameters.declare(
        {.name = "encoder.layers.1.first.weight", .role = "feed_forward", .shape = {5, 3}, .init = Init::xavier()});
    c = parameters.declare({.name = "norm.weight", .role = "norm", .shape = {7}, .init = Init::ones()});
  }
};

TEST(Parameters, ViewsLieInOneFlatTensor) {
  const Table t;
  WeightSet set = t.parameters.make_set(DType::f32);
  ASSERT_EQ(set.flat().count(), t.parameters.flat_count());
  for (ParameterId id : {t.a, t.b, t.c}) {
    const ParameterInfo& info = t.parameters.info(id);
    EXPECT_EQ(info.offset % 16, 0);
    EXPECT_EQ(set.of(id).data<float>(), set.flat().data<float>() + info.offset);
    EXPECT_TRUE(set.of(id).shape() == info.shape);
  }
  EXPECT_EQ(t.parameters.parameter_count(), 15 + 15 + 7);
}

TEST(Parameters, PatternsAliasesAndNames) {
  Table t;
  EXPECT_EQ(t.parameters.match("encoder.*"), (std::vector<ParameterId>{t.a, t.b}));
  EXPECT_EQ(t.parameters.match("encoder.layers.?.first.weight"), (std::vector<ParameterId>{t.a, t.b}));
  EXPECT_EQ(t.parameters.match("*norm*"), (std::vector<ParameterId>{t.c}));
  EXPECT_TRUE(t.parameters.match("decoder.*").empty());
  t.parameters.alias("output.weight", t.a);
  EXPECT_EQ(t.parameters.find("output.weight"), t.a);
  EXPECT_EQ(t.parameters.find("nothing"), kNoParameter);
  EXPECT_THROW(t.parameters.alias("norm.weight", t.a), std::exception);
  EXPECT_THROW(t.parameters.declare({.name = "norm.weight", .role = "norm", .shape = {1}, .init = {}}), std::exception);
}

TEST(Parameters, OrthogonalRowsAreAsLongAsNormalOnes) {
  Parameters parameters;
  const ParameterId id =
      parameters.declare({.name = "directions", .role = "attention", .shape = {700, 7}, .init = Init::orthogonal()});
  WeightSet set = parameters.make_set(DType::f64);
  parameters.initialize(set, 3);
  const double* rows = set.of(id).data<double>();
  double squares = 0;
  for (int64_t i = 0; i < 700; ++i)
    for (int64_t j = i / 7 * 7; j <= i; ++j) {
      double dot = 0;
      for (int64_t c = 0; c < 7; ++c) dot += rows[i * 7 + c] * rows[j * 7 + c];
      if (i == j) squares += dot;
      else EXPECT_NEAR(dot, 0, 1e-12) << i << " and " << j;
    }
  EXPECT_NEAR(squares / 700, 7, 0.5);  // of 7 normal numbers; its deviation is 0.14
}

// A weight starts from its own name and the seed: another layer beside it changes nothing.
TEST(Parameters, StartsDependOnNameAndSeedOnly) {
  const Table t;
  Parameters more;
  more.declare({.name = "something.new", .role = "attention", .shape = {9, 9}, .init = Init::xavier()});
  const ParameterId again = more.declare(t.parameters.info(t.b));
  WeightSet one = t.parameters.make_set(DType::f64), other = more.make_set(DType::f64),
            reseeded = t.parameters.make_set(DType::f64);
  t.parameters.initialize(one, 4);
  more.initialize(other, 4);
  t.parameters.initialize(reseeded, 5);
  for (int64_t i = 0; i < 15; ++i) {
    EXPECT_EQ(one.of(t.b).data<double>()[i], other.of(again).data<double>()[i]);
    EXPECT_NE(one.of(t.b).data<double>()[i], one.of(t.a).data<double>()[i]);
    EXPECT_NE(one.of(t.b).data<double>()[i], reseeded.of(t.b).data<double>()[i]);
    EXPECT_LE(std::abs(one.of(t.b).data<double>()[i]), std::sqrt(6.0 / 8));
  }
}

TEST(Parameters, AVersionRisesWithEveryChange) {
  const Table t;
  WeightSet set = t.parameters.make_set(DType::f32), other = t.parameters.make_set(DType::f64);
  const uint64_t before = set.version();
  t.parameters.initialize(other, 1);
  set.copy_from(other);
  EXPECT_GT(set.version(), before);
  EXPECT_EQ(set.of(t.c).data<float>()[3], 1.0f);
}

}  // namespace
}  // namespace heddle::nn
