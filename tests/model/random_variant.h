#pragma once
// Valid combinations of architectural ideas, drawn at random from the factories.

#include <gtest/gtest.h>

#include <cstdlib>

#include "heddle/base/random.h"
#include "heddle/model/describe.h"
#include "heddle/nn/attention/feature_map.h"
#include "heddle/nn/attention/kind.h"
#include "heddle/nn/attention/projection.h"
#include "heddle/nn/attention/score.h"
#include "heddle/nn/feedforward/factory.h"
#include "heddle/nn/norm/factory.h"
#include "heddle/nn/position/factory.h"
#include "heddle/nn/residual/factory.h"
#include "tests/model/tiny_model.h"

namespace heddle::model {

template <class Entry>
std::string random_name(RandomStream& random, std::span<const Entry> entries) {
  return std::string(entries[random.below(entries.size())].idea.name);
}

inline std::string one_of(RandomStream& random, std::initializer_list<const char*> names) {
  return names.begin()[random.below(names.size())];
}

// Kinds of attention for both stacks, half of them softmax, from a stream of their own: what else is drawn stays the
// same. Most often without what a kind that is no softmax is refused with.
inline void draw_kinds(RandomStream& random, ModelConfig& config) {
  for (LayerKeys* stack : {&config.encoder, &config.decoder}) {
    if (random.below(2)) continue;
    stack->attention_kind = random_name(random, nn::attentions::all_kinds());
    if (stack->attention_kind == "linear" && random.below(4))
      stack->attention_feature_map = random_name(random, nn::attentions::all_feature_maps());
    if (stack->attention_feature_map == "performer" && random.below(2))
      stack->attention_features = 1 + static_cast<int64_t>(random.below(9));
    if (stack->attention_kind == "linformer")
      stack->attention_projected_length = 1 + static_cast<int64_t>(random.below(5));
    if (stack->attention_kind == "adaptive_span") {
      stack->attention_span = 1 + static_cast<int64_t>(random.below(8));
      stack->attention_span_ramp = 1 + static_cast<int64_t>(random.below(5));
      if (random.below(2)) stack->attention_span_loss = 0.1;
    }
    if (stack->attention_kind == "offsets") stack->attention_offsets = 1 + static_cast<int64_t>(random.below(4));
    if (stack->attention_kind == "segments") {
      stack->attention_segment = 1 + static_cast<int64_t>(random.below(4));
      stack->attention_memory = static_cast<int64_t>(random.below(5));
    }
    if (stack->attention_kind == "head_windows") stack->attention_windows = one_of(random, {"1", "2, 5", "3, 1, 30"});
    if (stack->attention_kind == "mixed_windows") stack->attention_windows = one_of(random, {"1", "2, 5", "3, 1, 30"});
    if (nn::attentions::find_kind(*stack->attention_kind).is_softmax || random.below(8) == 0) continue;
    config.position = one_of(random, {"sinusoidal", "learned", "none"});
    config.rope = {};
    config.position_distance = 0;
    stack->attention_mask.reset();
  }
}

// What a mixture of experts is made of, also with more experts than tokens.
inline void draw_experts(RandomStream& random, LayerKeys& keys) {
  keys.moe_experts = 1 + static_cast<int64_t>(random.below(random.below(4) ? 5 : 40));
  keys.moe_top_k = 1 + static_cast<int64_t>(random.below(3));
  keys.moe_expert = random_name(random, nn::feedforward::all());
  if (random.below(2)) keys.moe_gates = one_of(random, {"all", "chosen"});
  if (random.below(2)) keys.moe_capacity = 0.5 + random.uniform();
  keys.moe_balance = random.below(2) ? 0.5 : 0.0;
}

// Where token vectors come from: half of the time a table, which may be tied as one in two factors may.
inline void draw_embedding(RandomStream& random, ModelConfig& config) {
  if (random.below(2)) return;
  const auto draw = [&](EmbeddingKeys& keys) {
    keys.kind = random_name(random, nn::embeddings::all());
    if (keys.kind == "factorised" || (keys.kind == "vectors" && random.below(2)))
      keys.rank = 1 + static_cast<int64_t>(random.below(4));
    if (keys.kind == "vectors") {
      keys.file = "words.vec";  // of new models in training alone
      if (random.below(2)) keys.frozen = false;
    }
    if (keys.kind == "characters") {
      keys.characters = 1 + static_cast<int64_t>(random.below(4));
      keys.character_width = 1 + static_cast<int64_t>(random.below(4));
      keys.convolutions = 1 + static_cast<int64_t>(random.below(5));
    }
    if (keys.kind == "hashing" || keys.kind == "quotient_remainder")
      keys.buckets = 1 + static_cast<int64_t>(random.below(7));
    if (keys.kind == "hashing") {
      keys.hashes = 1 + static_cast<int64_t>(random.below(3));
      keys.hash = one_of(random, {"modulo", "consistent"});
    }
    if (random.below(4) == 0) keys.weight = 0.5;
  };
  draw(config.embedding);
  config.embedding_beside.resize(random.below(3));
  for (EmbeddingKeys& keys : config.embedding_beside) draw(keys);
  if (!config.embedding_beside.empty()) config.embedding_fusion = random_name(random, nn::embeddings::all_fusions());
  if (config.embedding_fusion == "domains") config.embedding_domains = 3;  // as in TinyStream
  if (config.embedding_fusion == "concat") {
    int64_t left = config.width;
    for (EmbeddingKeys& keys : config.embedding_beside) {
      keys.width = 3;
      left -= 3;
    }
    config.embedding.width = left;
    if (left < 4) config.embedding.rank.reset();
  }
  config.tie_embeddings = random.below(config.embedding.kind == "factorised" ? 2 : 8) == 0;
}

// May be one that is refused.
inline ModelConfig random_combination(RandomStream& random) {
  RandomStream ahead = random, kinds({ahead.next64(), 0, 0, site_id("kinds")}),
               experts({ahead.next64(), 0, 0, site_id("experts")}),
               embedding({ahead.next64(), 0, 0, site_id("embedding")}), depth({ahead.next64(), 0, 0, site_id("depth")});
  ModelConfig config = tiny_config();
  config.kind = one_of(random, {"encoder_decoder", "decoder_only"});
  config.width = one_of(random, {"8", "12"}) == "8" ? 8 : 12;
  config.encoder_layers = 1 + static_cast<int64_t>(random.below(2));
  config.decoder_layers = 1 + static_cast<int64_t>(random.below(2));
  config.max_length = 16;
  config.vocab_size = 11;
  config.tie_embeddings = random.below(2) == 0;
  config.position = random_name(random, nn::positions::all());
  config.position_per_layer = random.below(3) == 0;
  if (config.position == "rope") {
    config.rope.kind = one_of(random, {"none", "linear", "ntk", "yarn"});
    if (config.rope.kind != "none") config.rope.factor = 4;
  }
  if (config.position == "shaw") config.position_distance = static_cast<int64_t>(random.below(4));
  if (config.position == "cope") config.position_distance = 1 + static_cast<int64_t>(random.below(4));
  LayerKeys& keys = config.layer;
  keys.heads = 1 << random.below(3);
  if (random.below(3) == 0)
    keys.head_width = 2 + static_cast<int64_t>(random.below(5));  // a norm of one number is its sign
  keys.ffn = 5 + static_cast<int64_t>(random.below(8));
  keys.ffn_kind = random_name(random, nn::feedforward::all());
  keys.norm = random_name(random, nn::norms::all());
  keys.norm_place = one_of(random, {"post", "pre", "sandwich", "both"});
  keys.residual = random_name(random, nn::residuals::all());
  if (keys.residual == "hyper_connections") {
    if (depth.below(2)) config.hyper_streams = 2 + static_cast<int64_t>(depth.below(3));
    if (depth.below(2)) config.hyper_dynamic = false;
  }
  keys.stochastic_depth = random.below(4) == 0 ? 0.3 : 0.0;
  keys.dropout = random.below(2) ? 0.2 : 0.0;
  keys.attention_score = random_name(random, nn::attentions::all_scores());
  keys.attention_projection = random_name(random, nn::attentions::all_projections());
  if (keys.attention_projection == "grouped") keys.attention_key_heads = 1 << random.below(2);
  if (keys.attention_projection == "latent") keys.attention_rank = 5;
  keys.attention_qk_norm = one_of(random, {"none", "none", "layer", "rms"});
  config.encoder.attention_mask =
      one_of(random, {"full", "full", "window(3)", "~diagonal", "block(2)", "dilated(2)", "causal"});
  config.decoder.attention_mask = one_of(random, {"causal", "causal", "causal & window(2)", "causal & ~diagonal",
                                                  "prefix(2) | causal", "block(3) & causal"});
  if (random.below(2)) config.decoder.norm = random_name(random, nn::norms::all());
  draw_kinds(kinds, config);
  if (experts.below(6) == 0) keys.ffn_kind = "moe";
  if (keys.ffn_kind == "moe") draw_experts(experts, keys);
  if (keys.ffn_kind == "convolution") {
    keys.convolution_width = 1 + static_cast<int64_t>(experts.below(6));
    keys.convolution_gated = experts.below(2) == 0;
  }
  draw_embedding(embedding, config);
  config.share_layers = 1 + static_cast<int64_t>(depth.below(8) / 6);
  config.layer.dropout_kind = random_name(depth, nn::dropouts::all());
  if (depth.below(4) == 0) config.layer.attention_head_dropout = 0.3;
  if (depth.below(8) == 0) config.layer.attention_weights = "sampled";
  if (config.decoder_layers > 1 && depth.below(4) == 0) config.exit_layers = "all";
  if (depth.below(5) == 0) config.cross_place = "merged";
  return config;
}

// One that is not. Everything refused must be so by a sentence.
inline ModelConfig random_variant(RandomStream& random) {
  for (;;) {
    const ModelConfig config = random_combination(random);
    try {
      validate(config);
      return config;
    } catch (const InputError& refusal) {
      EXPECT_NE(std::string(refusal.what()).find("model."), std::string::npos) << refusal.what();
    }
  }
}

// Whether layers have losses of their own, and so cannot be made twice: check_blocks().
inline bool has_side_losses(const ModelConfig& config) {
  return config.layer.ffn_kind == "moe" || config.encoder.attention_kind == "adaptive_span" ||
         config.decoder.attention_kind == "adaptive_span";
}

inline std::string text_of(const ModelConfig& config) {
  ModelConfig copy = config;
  return config_as_toml([&](ConfigVisitor& v) { describe(copy, v); });
}

// Whether all gradients are those of what is computed.
inline bool has_exact_gradients(const ModelConfig& config) {
  for (const LayerKeys* stack : {&config.encoder, &config.decoder})
    if (!nn::attentions::find_kind(stack->attention_kind.value_or("softmax")).idea.traits.whole_gradient) return false;
  const nn::EmbeddingConfig embedding = embedding_config(config, Stack::decoder);
  return std::ranges::all_of(embedding.sources, [](const nn::EmbeddingSourceConfig& source) {
    return nn::embeddings::find(source.kind).idea.traits.exact_gradient;
  });
}

// body(random, config) for as many combinations: HEDDLE_VARIANTS, or `usual`, enough for seconds. Stops at the first
// that fails and names it; HEDDLE_FIRST_VARIANT=4294 HEDDLE_VARIANTS=4295 looks at it again. For many,
//   HEDDLE_VARIANTS=20000 OMP_WAIT_POLICY=passive build/tests/test_model --gtest_filter='Variants.*'
// (threads that wait in a loop for the next of these small products cost more than the products).
template <class Body>
void over_variants(uint64_t seed, Body&& body, int usual = 300) {
  const auto number = [](const char* name, int otherwise) {
    const char* given = std::getenv(name);
    return given ? std::atoi(given) : otherwise;
  };
  const int count = number("HEDDLE_VARIANTS", usual);
  for (int i = number("HEDDLE_FIRST_VARIANT", 0); i < count && !::testing::Test::HasFailure(); ++i) {
    RandomStream random({seed, static_cast<uint64_t>(i), 0, 0});
    const ModelConfig config = random_variant(random);
    SCOPED_TRACE(fmt::format("combination {}\n{}", i, text_of(config)));
    body(random, config);
  }
}

}  // namespace heddle::model
