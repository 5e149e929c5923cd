// Gradients of every valid combination of architectural ideas, drawn at random (random_variant.h): against differences,
// by example, with activations dropped and made again, and in single precision.

#include <gtest/gtest.h>

#include <limits>

#include "tests/model/random_variant.h"
#include "tests/model/roundings.h"

namespace heddle::model {
namespace {

void add_to_weights(TinyModel& tiny, const Tensor& direction, double step) {
  for (size_t i = 0; i < tiny.parameters.all().size(); ++i) {
    const auto id = static_cast<nn::ParameterId>(i);
    if (!tiny.parameters.info(id).trainable) continue;
    const auto values = tiny.weights.of(id).span<double>();
    const double* along = direction.data<double>() + tiny.parameters.info(id).offset;
    for (size_t k = 0; k < values.size(); ++k) values[k] += step * along[k];
  }
}

// The slope of the loss along a random direction of all weights, and the size of what it is the sum of.
struct Slope {
  double value = 0, size = 0;
};

Slope slope_along(const TinyModel& tiny, const Tensor& direction) {
  Slope slope;
  for (size_t i = 0; i < tiny.parameters.all().size(); ++i) {
    const auto id = static_cast<nn::ParameterId>(i);
    if (!tiny.parameters.info(id).trainable) continue;
    const auto gradient = tiny.gradients.of(id).span<double>();
    const double* along = direction.data<double>() + tiny.parameters.info(id).offset;
    for (size_t k = 0; k < gradient.size(); ++k) {
      slope.value += gradient[k] * along[k];
      slope.size += std::abs(gradient[k] * along[k]);
    }
  }
  slope.size = std::max(1.0, slope.size);
  return slope;
}

enum class Found { equal, different, nothing };
constexpr int kPoints = 8;  // where the loss has no slope, another point is taken

// What differences say of a slope, by ever shorter steps: between two points there may be a rectifier's kink, another
// choice of experts, or a sharp norm of few numbers. They say that it is different where they agree with one another
// and with the differences to either side, and not with it; nothing, where the loss has no slope at any of these steps.
Found compare_with_differences(TinyModel& tiny, const TinyBatch& batch, const Tensor& direction) {
  constexpr double kSame = 2e-5;
  const Slope slope = slope_along(tiny, direction);
  const double here = tiny.loss(batch);
  Found found = Found::nothing;
  double before = std::numeric_limits<double>::infinity();
  for (const double step : {1e-5, 1e-6, 3e-7, 1e-7, 3e-8, 1e-8}) {
    add_to_weights(tiny, direction, step);
    const double up = tiny.loss(batch);
    add_to_weights(tiny, direction, -2 * step);
    const double down = tiny.loss(batch);
    add_to_weights(tiny, direction, step);
    const double between = (up - down) / (2 * step);
    const double error = std::abs(between - slope.value) / slope.size;
    if (error <= kSame) return Found::equal;
    const double kink = std::abs(up - 2 * here + down) / step / slope.size;
    if (std::abs(between - before) / slope.size <= kSame && kink < error) found = Found::different;
    before = between;
  }
  return found;
}

TEST(Variants, GradientsEqualFiniteDifferences) {
  over_variants(1, [&](RandomStream& random, const ModelConfig& config) {
    if (!has_exact_gradients(config)) return;
    Found found = Found::nothing;
    for (int point = 0; found == Found::nothing && point < kPoints; ++point) {
      TinyModel tiny(config);
      const TinyBatch batch = random_batch(random, 3, static_cast<int>(config.vocab_size));
      const Tensor direction = Tensor::zeros({tiny.weights.flat().count()}, DType::f64);
      for (double& d : direction.span<double>()) d = random.normal();
      add_to_weights(tiny, direction, 0.1 * point);
      tiny.add_gradients(batch);
      found = compare_with_differences(tiny, batch, direction);
    }
    EXPECT_EQ(found, Found::equal) << (found == Found::nothing ? "no slope at any point" : "another slope");
  });
}

// As far as norms of two rows, one after the other, let them: see roundings.h.
TEST(Variants, PerExampleGradientsAddUpToTheSum) {
  constexpr double kSame = 1e-9;
  int compared = 0, chaotic = 0;
  over_variants(
      8,
      [&](RandomStream& random, const ModelConfig& config) {
    TinyModel tiny(config);
    const TinyBatch batch = random_batch(random, 3, static_cast<int>(config.vocab_size));
    const double loss = tiny.add_gradients(batch, false);
    if (moved_by_roundings(tiny, loss, config, batch, random.next64()).gradients > kChaos) {
      ++chaotic;
      return;
    }
    ++compared;
    nn::PerExampleGradients apart(tiny.parameters, tiny.weights);
    Arena arena;
    {
      ops::Tape tape(arena);
      const ops::Seed seed{batch_loss(tiny.model, tiny.pass(), batch).loss, {}};
      tape.backward({&seed, 1}, apart);
    }
    const double size = std::sqrt(nn::sum_of_squares(tiny.gradients.flat()));
    for (size_t i = 0; i < tiny.parameters.all().size(); ++i) {
      const auto id = static_cast<nn::ParameterId>(i);
      const Tensor sum = Tensor::zeros(tiny.parameters.info(id).shape, DType::f64);
      for (int e = 0; e < apart.examples(); ++e)
        for (int64_t k = 0; k < sum.count(); ++k) sum.data<double>()[k] += apart.of(e, id).data<double>()[k];
      const Tensor& whole = tiny.gradients.of(id);
      for (int64_t k = 0; k < sum.count(); ++k)
        ASSERT_NEAR(sum.data<double>()[k], whole.data<double>()[k], kSame * (1 + size))
            << tiny.parameters.info(id).name;
    }
      },
      100);
  EXPECT_LE(50 * chaotic, compared) << chaotic << " past comparing";
}

// Dropped activations are made again as they were, dropout and running averages included. The gradient of what is read
// outside a block too is a sum in another order: then in double, since norms of two rows magnify roundings.
TEST(Variants, GradientsOfCheckpointedBlocksAreTheSame) {
  over_variants(
      7,
      [](RandomStream& random, const ModelConfig& config) {
    if (has_side_losses(config)) return;
    const TinyBatch batch = random_batch(random, 3, static_cast<int>(config.vocab_size));
    const auto blocks = 1 + static_cast<int64_t>(random.below(2));
    const bool exact = config.exit_layers.empty() && (blocks == 1 || config.kind == "decoder_only");
    const DType type = exact ? DType::f32 : DType::f64;
    TinyModel kept(config, type), dropped(config, type);
    dropped.checkpoint_blocks = blocks;
    const double loss = kept.add_gradients(batch);
    if (!exact && moved_by_roundings(kept, loss, config, batch, random.next64()).gradients > kChaos) return;
    dropped.add_gradients(batch);
    EXPECT_LE(relative(dropped.gradients.flat(), kept.gradients.flat()), exact ? 0.0 : 1e-9);
    EXPECT_EQ(relative(dropped.weights.flat(), kept.weights.flat()), 0.0);
      },
      60);
}

// As far as the numbers allow it: what roundings alone do to the gradients in double is what single precision may be
// off by. Norms of few numbers that are nearly alike, of two rows or of a head of width two, magnify them a
// thousandfold.
TEST(Variants, FastKernelsEqualReference) {
  constexpr double kMargin = 10;  // an operation rounds more than once
  int compared = 0, chaotic = 0;
  over_variants(
      2,
      [&](RandomStream& random, const ModelConfig& config) {
    TinyModel slow(config), fast(config, DType::f32);
    fast.weights.copy_from(slow.weights);
    slow.weights.copy_from(fast.weights);  // numbers that both can hold
    const uint64_t seed = random.next64();
    const TinyBatch batch = random_batch(random, 3, static_cast<int>(config.vocab_size));
    const double loss = slow.add_gradients(batch), fast_loss = fast.add_gradients(batch);
    const Moved moved = moved_by_roundings(slow, loss, config, batch, seed);
    if (moved.gradients > kChaos) {
      ++chaotic;
      return;
    }
    ++compared;
    EXPECT_NEAR(fast_loss, loss, 1e-5 * loss + kMargin * moved.loss);
    EXPECT_LE(relative(fast.gradients.flat(), slow.gradients.flat()), 1e-5 + kMargin * moved.gradients);
      },
      150);
  EXPECT_LE(50 * chaotic, compared) << chaotic << " past comparing";
}

}  // namespace
}  // namespace heddle::model
