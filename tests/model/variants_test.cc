// Properties of every valid combination of architectural ideas, drawn at random: each where the traits promise it.
// HEDDLE_VARIANTS=20000 build/tests/test_model --gtest_filter='Variants.*' draws more.

#include <gtest/gtest.h>

#include <filesystem>

#include "heddle/data/packed_batch.h"
#include "heddle/model/store.h"
#include "heddle/nn/weight.h"
#include "heddle/ops/elementwise_product.h"
#include "tests/model/random_variant.h"
#include "tests/places/places.h"
#include "tests/places/temporary_folder.h"

namespace heddle::model {
namespace {

using Ids = std::vector<int32_t>;

// body(random, config) for as many combinations.
template <class Body>
void over_variants(uint64_t seed, Body&& body, int usual = 300) {
  const int count = variant_count(usual);
  for (int i = 0; i < count && !::testing::Test::HasFailure(); ++i) {
    RandomStream random({seed, static_cast<uint64_t>(i), 0, 0});
    const ModelConfig config = random_variant(random);
    SCOPED_TRACE(text_of(config));
    body(random, config);
  }
}

void add_to_weights(TinyModel& tiny, const Tensor& direction, double step) {
  for (size_t i = 0; i < tiny.parameters.all().size(); ++i) {
    const auto id = static_cast<nn::ParameterId>(i);
    if (!tiny.parameters.info(id).trainable) continue;
    const auto values = tiny.weights.of(id).span<double>();
    const double* along = direction.data<double>() + tiny.parameters.info(id).offset;
    for (size_t k = 0; k < values.size(); ++k) values[k] += step * along[k];
  }
}

// The slope of the loss along a random direction of all weights.
TEST(Variants, GradientsEqualFiniteDifferences) {
  over_variants(1, [](RandomStream& random, const ModelConfig& config) {
    if (!has_exact_gradients(config)) return;
    TinyModel tiny(config);
    const TinyBatch batch = random_batch(random, 3, static_cast<int>(config.vocab_size));
    tiny.add_gradients(batch);
    const Tensor direction = Tensor::zeros({tiny.weights.flat().count()}, DType::f64);
    for (double& d : direction.span<double>()) d = random.normal();
    double slope = 0, size = 0;
    for (size_t i = 0; i < tiny.parameters.all().size(); ++i) {
      const auto id = static_cast<nn::ParameterId>(i);
      if (!tiny.parameters.info(id).trainable) continue;
      const auto gradient = tiny.gradients.of(id).span<double>();
      const double* along = direction.data<double>() + tiny.parameters.info(id).offset;
      for (size_t k = 0; k < gradient.size(); ++k) {
        slope += gradient[k] * along[k];
        size += std::abs(gradient[k] * along[k]);
      }
    }
    // A rectifier's kink may lie between the two points: then a shorter step decides.
    double error = 1;
    for (const double step : {1e-5, 1e-6, 3e-7}) {
      add_to_weights(tiny, direction, step);
      const double up = tiny.loss(batch);
      add_to_weights(tiny, direction, -2 * step);
      const double down = tiny.loss(batch);
      add_to_weights(tiny, direction, step);
      error = std::min(error, std::abs((up - down) / (2 * step) - slope) / std::max(1.0, size));
    }
    EXPECT_LE(error, 2e-5) << "slope " << slope;  // sharp norms of few numbers curve within a step
  });
}

TEST(Variants, PerExampleGradientsAddUpToTheSum) {
  constexpr double kSame = 1e-6;  // norms of two rows, one after the other, magnify roundings
  over_variants(
      8,
      [](RandomStream& random, const ModelConfig& config) {
    TinyModel tiny(config);
    const TinyBatch batch = random_batch(random, 3, static_cast<int>(config.vocab_size));
    tiny.add_gradients(batch, false);
    nn::PerExampleGradients apart(tiny.parameters, tiny.weights);
    Arena arena;
    {
      ops::Tape tape(arena);
      const ops::Seed seed{batch_loss(tiny.model, tiny.pass(), batch).loss, {}};
      tape.backward({&seed, 1}, apart);
    }
    for (size_t i = 0; i < tiny.parameters.all().size(); ++i) {
      const auto id = static_cast<nn::ParameterId>(i);
      const Tensor sum = Tensor::zeros(tiny.parameters.info(id).shape, DType::f64);
      for (int e = 0; e < apart.examples(); ++e)
        for (int64_t k = 0; k < sum.count(); ++k) sum.data<double>()[k] += apart.of(e, id).data<double>()[k];
      const Tensor& whole = tiny.gradients.of(id);
      const double size = std::sqrt(nn::sum_of_squares(whole));
      for (int64_t k = 0; k < sum.count(); ++k)
        ASSERT_NEAR(sum.data<double>()[k], whole.data<double>()[k], kSame * (1 + size))
            << tiny.parameters.info(id).name;
    }
      },
      100);
}

// Errors of the size of an f32 rounding, on every number that passes a named point, attention's weights included, which
// the backward pass makes anew, and on every product with a weight.
class Roundings {
 public:
  explicit Roundings(uint64_t seed) : random_({seed, 0, 0, 0}), probe_(*this) {}

  void act_on(TinyModel& tiny) {
    tiny.probe = &probe_;
    for (size_t i = 0; i < tiny.parameters.all().size(); ++i)
      tiny.parameters.attach(static_cast<nn::ParameterId>(i), std::make_shared<OnProducts>(*this));
  }

 private:
  Tensor rounded(const Tensor& value, const Rows& rows) {
    const Tensor factors = Tensor::zeros(value.shape(), DType::f64);
    for (double& each : factors.span<double>()) each = factor();
    return ops::elementwise_product(value, factors, rows);
  }
  double factor() { return 1 + 0x1p-24 * random_.normal(); }
  struct OnScores {
    void operator()(int64_t, int, int64_t, int64_t, auto*) {}
  };
  struct OnWeights {
    void operator()(int64_t, int, int64_t rows, int64_t columns, auto* weights) {
      for (int64_t i = 0; i < rows * columns; ++i)
        weights[i] *= static_cast<std::remove_reference_t<decltype(*weights)>>(roundings->factor());
    }
    Roundings* roundings;
  };
  struct AtPoints : nn::Probe {
    explicit AtPoints(Roundings& of) : roundings(of), on_weights(OnScores{}, OnWeights{&of}) {}
    Tensor at(std::string_view, const Tensor& value, const Rows& rows) override {
      return roundings.rounded(value, rows);
    }
    ops::AttentionProbe* attention(std::string_view) override { return &on_weights; }
    Roundings& roundings;
    ops::AttentionProbeOf<OnScores, OnWeights> on_weights;
  };
  struct OnProducts : nn::WeightTransform {
    explicit OnProducts(Roundings& of) : roundings(of) {}
    Tensor on_product(const Tensor&, const Tensor& y, const Rows& rows, const nn::Pass&) const override {
      return roundings.rounded(y, rows);
    }
    bool acts_on_product() const override { return true; }
    Roundings& roundings;
  };

  RandomStream random_;
  AtPoints probe_;
};

// What roundings of single precision do to a model in double that has gathered gradients: how far they move these,
// relative, and the loss that they make. Past kChaos their size says nothing of other roundings: norms of few numbers,
// one behind the other, make of two rows of the same token what roundings want.
struct Rounded {
  double moved, loss;
};
constexpr double kChaos = 1e-2;

Rounded with_roundings(const TinyModel& exact, const ModelConfig& config, const TinyBatch& batch, uint64_t seed) {
  TinyModel rounded(config);
  rounded.weights.copy_from(exact.weights);
  Roundings roundings(seed);
  roundings.act_on(rounded);
  rounded.add_gradients(batch);
  return {relative(rounded.gradients.flat(), exact.gradients.flat()), rounded.loss(batch)};
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
    kept.add_gradients(batch);
    if (!exact && with_roundings(kept, config, batch, random.next64()).moved > kChaos) return;
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
  constexpr double kMargin = 30;  // an operation rounds more than once
  int compared = 0, chaotic = 0;
  over_variants(
      2,
      [&](RandomStream& random, const ModelConfig& config) {
    TinyModel slow(config), fast(config, DType::f32);
    fast.weights.copy_from(slow.weights);
    slow.weights.copy_from(fast.weights);  // numbers that both can hold
    const uint64_t seed = random.next64();
    const TinyBatch batch = random_batch(random, 3, static_cast<int>(config.vocab_size));
    for (TinyModel* tiny : {&slow, &fast}) tiny->add_gradients(batch);
    const Rounded rounded = with_roundings(slow, config, batch, seed);
    if (rounded.moved > kChaos) {
      ++chaotic;
      return;
    }
    ++compared;
    const double loss = slow.loss(batch), error = relative(fast.gradients.flat(), slow.gradients.flat());
    EXPECT_NEAR(fast.loss(batch), loss, 1e-5 * loss + kMargin * std::abs(rounded.loss - loss));
    EXPECT_LE(error, 1e-5 + kMargin * rounded.moved);
      },
      150);
  EXPECT_LE(50 * chaotic, compared) << chaotic << " past comparing";
}

// The states of each sequence of a batch; alone, with others, or with padding, they are the same.
Tensor states_of(const TinyModel& tiny, const data::PackedSequences& source, const data::PackedSequences& target) {
  const nn::Pass pass = tiny.pass(false);
  Tensor memory;
  if (tiny.model.has_encoder()) memory = tiny.model.encode(pass, {source.ids, source.rows()});
  return tiny.model.decode(pass, {target.ids, target.rows()}, memory,
                           tiny.model.has_encoder() ? source.rows() : Rows());
}

TEST(Variants, NeighboursAndPaddingNeverMatter) {
  over_variants(3, [](RandomStream& random, const ModelConfig& config) {
    const TinyModel tiny(config);
    const int vocab = static_cast<int>(config.vocab_size);
    data::PackedSequences source, target, one_source, one_target;
    const Ids first_source = random_ids(random, 1 + static_cast<int>(random.below(6)), vocab),
              first_target = random_ids(random, 1 + static_cast<int>(random.below(6)), vocab);
    one_source.add(7, first_source);
    one_target.add(7, first_target);
    source.add(7, first_source);
    target.add(7, first_target);
    for (int i = 0; i < 2; ++i) {
      source.add(8 + i, random_ids(random, static_cast<int>(random.below(9)), vocab));
      target.add(8 + i, random_ids(random, static_cast<int>(random.below(9)), vocab));
    }
    const Tensor alone = states_of(tiny, one_source, one_target), together = states_of(tiny, source, target);
    const int64_t rows = std::ssize(first_target);
    EXPECT_LE(relative(keep(together.row_range(0, rows)), alone), 1e-9) << "neighbours";
    const Tensor padded = states_of(tiny, data::padded(one_source, 9, 3), data::padded(one_target, 8, 5));
    EXPECT_LE(relative(keep(padded.row_range(0, rows)), alone), 1e-9) << "padding";
  });
}

TEST(Variants, CausalNeverSeesAhead) {
  int compared = 0, changed_later = 0;
  over_variants(4, [&](RandomStream& random, const ModelConfig& config) {
    for (int64_t i = 0; i < config.decoder_layers; ++i)
      if (resolve_layer(config, Stack::decoder, i).self_attention.mask.looks_ahead(config.max_length)) return;
    const TinyModel tiny(config);
    const int vocab = static_cast<int>(config.vocab_size);
    data::PackedSequences source, target;
    source.add(0, random_ids(random, 4, vocab));
    const Ids ids = random_ids(random, 7, vocab);
    target.add(0, ids);
    const Tensor before = states_of(tiny, source, target);
    const auto changed = 1 + static_cast<int64_t>(random.below(6));
    data::PackedSequences other;
    Ids later = ids;
    for (size_t i = static_cast<size_t>(changed); i < later.size(); ++i) later[i] = (later[i] + 3) % vocab;
    other.add(0, later);
    const Tensor after = states_of(tiny, source, other);
    for (int64_t i = 0; i < changed * before.width(); ++i)
      ASSERT_EQ(before.data<double>()[i], after.data<double>()[i]) << "row " << i / before.width() << " of " << changed;
    ++compared;
    changed_later += relative(after, before) > 0;
  });
  EXPECT_GE(20 * changed_later, 19 * compared) << "few tokens may have equal vectors";
}

TEST(Variants, WithoutPositionsOrderDoesNotMatter) {
  over_variants(5, [](RandomStream& random, ModelConfig config) {
    config.kind = "encoder_decoder";
    config.position = "none";
    config.rope = {};
    config.position_distance = 0;
    config.encoder.attention_mask = "full";
    const std::string kind = config.encoder.attention_kind.value_or("softmax");
    if (!nn::attentions::find_kind(kind).idea.traits.order_equivariant) return;
    if (!nn::feedforward::find(*config.layer.ffn_kind).idea.traits.order_equivariant) return;
    const TinyModel tiny(config);
    const Ids ids = random_ids(random, 6, static_cast<int>(config.vocab_size));
    const std::vector<size_t> order = {3, 0, 5, 1, 4, 2};
    Ids shuffled;
    for (const size_t at : order) shuffled.push_back(ids[at]);
    const auto encoded = [&](const Ids& of) {
      data::PackedSequences source;
      source.add(0, of);
      return tiny.model.encode(tiny.pass(false), {source.ids, source.rows()});
    };
    const Tensor plain = encoded(ids), permuted = encoded(shuffled);
    for (size_t i = 0; i < order.size(); ++i) {
      const auto from = static_cast<int64_t>(order[i]), to = static_cast<int64_t>(i);
      EXPECT_LE(relative(keep(permuted.row_range(to, to + 1)), keep(plain.row_range(from, from + 1))), 1e-9);
    }
  });
}

TEST(Variants, SavedAndLoadedTheyAreTheSame) {
  const TemporaryFolder folder;
  over_variants(
      6,
      [&](RandomStream& random, const ModelConfig& config) {
    const TinyModel tiny(config, DType::f32);
    save_config(folder.path(), config);
    save_weights(folder / "model.safetensors", tiny.parameters, tiny.weights);
    const auto loaded = load_model(folder.path());
    const TinyBatch batch = random_batch(random, 2, static_cast<int>(config.vocab_size));
    const nn::Pass pass = {.parameters = loaded->parameters, .weights = loaded->weights, .random = {7, 5, 0, 0}};
    EXPECT_EQ(batch_loss(loaded->model, pass, batch).loss_sum,
              batch_loss(tiny.model, tiny.pass(false), batch).loss_sum);
      },
      50);
}

TEST(Variants, EveryIdeaIsAFileOfItsName) {
  const auto expect_files = [](const char* folder, const auto& entries) {
    for (const auto& entry : entries) {
      const auto file = source_path("heddle/nn") / folder / (std::string(entry.idea.name) + ".h");
      EXPECT_TRUE(std::filesystem::exists(file)) << file;
    }
  };
  expect_files("feedforward", nn::feedforward::all());
  expect_files("embedding", nn::embeddings::all());
  expect_files("embedding", nn::embeddings::all_fusions());
  expect_files("norm", nn::norms::all());
  expect_files("residual", nn::residuals::all());
  expect_files("position", nn::positions::all());
  expect_files("dropout", nn::dropouts::all());
  expect_files("attention", nn::attentions::all_kinds());
  expect_files("attention", nn::attentions::all_feature_maps());
  expect_files("attention", nn::attentions::all_scores());
  expect_files("attention", nn::attentions::all_projections());
}

}  // namespace
}  // namespace heddle::model
