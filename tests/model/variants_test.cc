// Properties of every valid combination of architectural ideas, drawn at random: each where the traits promise it.
// Those of gradients are in variant_gradients_test.cc; random_variant.h says how to draw more.

#include <gtest/gtest.h>

#include <filesystem>

#include "heddle/data/packed_batch.h"
#include "heddle/model/store.h"
#include "tests/model/random_variant.h"
#include "tests/places/places.h"
#include "tests/places/temporary_folder.h"

namespace heddle::model {
namespace {

using Ids = std::vector<int32_t>;

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
    const auto domain = static_cast<int32_t>(random.below(4)) - 1;
    one_source.add(7, first_source, domain);
    one_target.add(7, first_target, domain);
    source.add(7, first_source, domain);
    target.add(7, first_target, domain);
    for (int i = 0; i < 2; ++i) {
      source.add(8 + i, random_ids(random, static_cast<int>(random.below(9)), vocab), i);
      target.add(8 + i, random_ids(random, static_cast<int>(random.below(9)), vocab), i);
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
