// Defaults, overrides from wide to narrow, and combinations that cannot be.

#include "heddle/model/config.h"

#include <gtest/gtest.h>

#include "heddle/model/describe.h"
#include "tests/base/sentence.h"

namespace heddle::model {
namespace {

ModelConfig read(std::string_view toml) {
  ModelConfig config;
  read_config(toml, "model.toml", {}, [&](ConfigVisitor& v) { describe(config, v); });
  return config;
}
std::string refusal(std::string_view toml) {
  return sentence_of([&] { validate(read(toml)); });
}

TEST(ModelConfig, TheNarrowerWins) {
  const ModelConfig config = read(R"(
width = 64
encoder_layers = 4
decoder_layers = 4
heads = 4
ffn = 256
dropout = 0.1
[encoder]
heads = 8
[decoder]
ffn = 128
[decoder.cross]
heads = 2
[[layer]]
layers = "1-2"
ffn = 96
[[layer]]
stack = "decoder"
layers = "every 2"
heads = 16
[[layer]]
stack = "encoder"
layers = "3"
dropout = 0.5
attention_dropout = 0.0
)");
  validate(config);
  const auto heads = [&](Stack stack, int64_t layer) {
    return resolve_layer(config, stack, layer).self_attention.heads;
  };
  const auto inner = [&](Stack stack, int64_t layer) { return resolve_layer(config, stack, layer).feed_forward.inner; };
  for (int64_t layer = 0; layer < 4; ++layer) {
    const bool middle = layer == 1 || layer == 2;
    EXPECT_EQ(heads(Stack::encoder, layer), 8);
    EXPECT_EQ(heads(Stack::decoder, layer), layer % 2 == 0 ? 16 : 4);
    EXPECT_EQ(inner(Stack::encoder, layer), middle ? 96 : 256);
    EXPECT_EQ(inner(Stack::decoder, layer), middle ? 96 : 128);
    EXPECT_EQ(resolve_layer(config, Stack::decoder, layer).cross_attention.heads, 2);
  }
  const nn::LayerConfig last = resolve_layer(config, Stack::encoder, 3);
  EXPECT_EQ(last.step.dropout.probability, 0.5);
  EXPECT_EQ(last.feed_forward.dropout.probability, 0.5);
  EXPECT_EQ(last.self_attention.dropout, 0.0);
  EXPECT_EQ(resolve_layer(config, Stack::encoder, 2).step.dropout.probability, 0.1);
}

TEST(ModelConfig, ScoresOfEveryAttention) {
  const ModelConfig config = read(
      "[attention]\nscore = \"dot\"\n[decoder.attention]\nscore = \"scaled_dot\"\n"
      "[decoder.cross.attention]\nscore = \"dot\"");
  EXPECT_EQ(resolve_layer(config, Stack::encoder, 0).self_attention.score, "dot");
  const nn::LayerConfig decoder = resolve_layer(config, Stack::decoder, 0);
  EXPECT_EQ(decoder.self_attention.score, "scaled_dot");
  EXPECT_EQ(decoder.cross_attention.score, "dot");
  EXPECT_EQ(decoder.cross_attention.scale(), 1);
  EXPECT_EQ(decoder.self_attention.scale(),
            1 / std::sqrt(static_cast<double>(decoder.self_attention.inner() / decoder.self_attention.heads)));
  EXPECT_TRUE(contains(refusal("[attention]\nscore = \"cos\""), "choose one of scaled_dot, dot"));
}

TEST(ModelConfig, WritingAndReadingChangesNothing) {
  ModelConfig config = read("width = 96\nheads = 6\n[encoder]\nnorm = \"rms\"\n[[layer]]\nlayers = \"0\"\nffn = 7");
  const Describe describer = [&](ConfigVisitor& v) { describe(config, v); };
  const std::string toml = config_as_toml(describer), json = config_as_json(describer);
  ModelConfig again = read(toml);
  EXPECT_EQ(config_as_toml([&](ConfigVisitor& v) { describe(again, v); }), toml);
  ModelConfig from_json;
  read_json_config(json, "model.json", [&](ConfigVisitor& v) { describe(from_json, v); });
  EXPECT_EQ(config_as_toml([&](ConfigVisitor& v) { describe(from_json, v); }), toml);
}

TEST(ModelConfig, HeadsMustDivideTheWidthUnlessTheirWidthIsGiven) {
  EXPECT_TRUE(contains(refusal("width = 64\nheads = 3"), "model.heads = 3 does not divide model.width = 64"));
  EXPECT_TRUE(contains(refusal("width = 64\nheads = 4\n[decoder.cross]\nheads = 5"), "model.heads = 5"));
  EXPECT_TRUE(contains(refusal("width = 64\nheads = 4\n[[layer]]\nlayers = \"1\"\nheads = 7"), "model.heads = 7"));
  EXPECT_NO_THROW(validate(read("width = 64\nheads = 3\nhead_width = 20")));
}

TEST(ModelConfig, CombinationsThatCannotBe) {
  EXPECT_TRUE(contains(refusal("width = 63\nheads = 7"), "is odd, but sinusoidal"));
  EXPECT_NO_THROW(validate(read("width = 63\nheads = 7\nposition = \"learned\"")));
  EXPECT_TRUE(contains(refusal("width = 0"), "out of range"));
  EXPECT_TRUE(contains(refusal("dropout = 1.0"), "out of range"));
  EXPECT_TRUE(contains(refusal("norm = \"median\""), "choose one of layer, rms"));
  EXPECT_TRUE(contains(refusal("head = 4"), "did you mean heads?"));
  EXPECT_TRUE(contains(refusal("[encoder]\nhead_widht = 4"), "did you mean encoder.head_width?"));
  ModelConfig config;
  config.kind = "encoder";
  EXPECT_TRUE(contains(sentence_of([&] { validate(config); }), "model.kind"));
  config = {};
  config.layer.ffn_kind = "maxout";
  EXPECT_TRUE(contains(sentence_of([&] { validate(config); }), "ffn_kind"));
  config = {};
  config.layer.attention_score = "cos";
  EXPECT_TRUE(contains(sentence_of([&] { validate(config); }), "model.attention.score"));
  config = {};
  config.layer.attention_mask = "random";
  EXPECT_TRUE(contains(sentence_of([&] { validate(config); }), "model.attention.mask"));
  config = {};
  config.position = "rotary";
  EXPECT_TRUE(contains(sentence_of([&] { validate(config); }), "model.position"));
  config = {};
  config.layers.push_back({.stack = "middle", .layers = "all", .keys = {}});
  EXPECT_TRUE(contains(sentence_of([&] { validate(config); }), "model.layer.stack"));
}

// Of a choice that another key makes, and only some layers may.
TEST(ModelConfig, GroupsThatNoLayerHas) {
  const std::string heads = refusal("[attention]\nkey_heads = 2"), columns = refusal("norm_groups = 4");
  EXPECT_TRUE(contains(heads, "model.attention.projection = \"grouped\"")) << heads;
  EXPECT_TRUE(contains(columns, "model.norm = \"group\"")) << columns;
  EXPECT_NO_THROW(validate(read("[attention]\nkey_heads = 2\n[decoder.attention]\nprojection = \"grouped\"")));
  EXPECT_NO_THROW(validate(read("norm_groups = 4\n[encoder]\nnorm = \"group\"")));
}

// What has no softmax, or no keys of single positions, is refused with the two keys that do not go together.
TEST(ModelConfig, KindsOfAttentionThatGoWithNothingElse) {
  const auto toml = [](const std::string& keys, const std::string& attention) {
    return (keys.starts_with("position") ? keys : "position = \"none\"\n" + keys) + "\n[encoder.attention]\n" +
           attention;
  };
  const auto expect = [&](const std::string& keys, const std::string& attention, const char* one, const char* other) {
    const std::string sentence = refusal(toml(keys, attention));
    EXPECT_TRUE(contains(sentence, one)) << attention;
    EXPECT_TRUE(contains(sentence, other)) << attention;
  };
  const std::string linear = "kind = \"linear\"\n", linformer = "kind = \"linformer\"\nprojected_length = 8\n";
  EXPECT_NO_THROW(validate(read(toml("", linear))));
  EXPECT_NO_THROW(validate(read(toml("", linformer))));
  EXPECT_NO_THROW(validate(read(toml("position = \"rope\"", linear + "feature_map = \"performer\""))));
  const std::string additive = "score = \"additive\"\n", latent = "projection = \"latent\"\nrank = 8\n";
  EXPECT_NO_THROW(validate(read(toml("position = \"t5_bias\"", additive))));
  EXPECT_NO_THROW(validate(read(toml("position = \"alibi\"", latent))));
  expect("", additive + linear, "attention.score", "attention.kind");
  for (const char* position : {"rope", "shaw", "transformer_xl"}) {
    const std::string key = "position = \"" + std::string(position) + "\"";
    expect(key, additive, "model.position", "attention.score");
    expect(key, latent, "model.position", "attention.projection");
  }
  expect("", latent + linear, "attention.projection", "attention.kind");
  expect("", latent + "score = \"cosine\"", "attention.score", "attention.projection");
  expect("", latent + "qk_norm = \"rms\"", "attention.qk_norm", "attention.projection");
  expect("", "rank = 8", "attention.rank", "attention.projection");
  expect("", linear + "weights = \"sampled\"", "attention.weights", "attention.kind");
  expect("", linear + "mask = \"window(3)\"", "attention.kind", "attention.mask");
  expect("", linear + "projection = \"value_only\"", "attention.kind", "attention.projection");
  expect("position = \"alibi\"", linear, "model.position", "attention.kind");
  expect("position = \"rope\"", linear, "model.position", "attention.feature_map");
  expect("attention_dropout = 0.1", linear, "attention_dropout", "attention.kind");
  expect("", "feature_map = \"relu\"", "attention.feature_map", "attention.kind");
  expect("", linear + "features = 8", "attention.features", "attention.feature_map");
  expect("", "kind = \"linformer\"", "attention.kind", "attention.projected_length");
  expect("", "projected_length = 8", "attention.projected_length", "attention.kind");
  expect("", linformer + "mask = \"causal\"", "attention.kind", "attention.mask");
  expect("position = \"shaw\"", linformer, "model.position", "attention.kind");
  expect("[decoder.cross.attention]\n" + linformer, "", "model.decoder.cross.attention.kind",
         "model.encoder.attention.kind");
  const std::string span = "kind = \"adaptive_span\"\nspan = 8\n";
  EXPECT_NO_THROW(validate(read(toml("position = \"shaw\"", span))));
  EXPECT_NO_THROW(validate(read(toml("", "kind = \"sink\"\nmask = \"window(3) | prefix(1)\""))));
  EXPECT_NO_THROW(validate(read(toml("", latent + "kind = \"mixed_windows\"\nwindows = \"1, 5\""))));
  expect("", "span = 8", "attention.span", "attention.kind");
  expect("", span + "windows = \"3\"", "attention.windows", "attention.kind");
  expect("", "kind = \"mixed_windows\"", "attention.kind", "attention.windows");
  for (const char* windows : {"", "0", "3,", "4 5", "-1", "99999999999"})
    expect("", "kind = \"mixed_windows\"\nwindows = \"" + std::string(windows) + "\"", "attention.windows",
           "4, 16, 64");
  const std::string offsets = "kind = \"offsets\"\n";
  EXPECT_NO_THROW(validate(read(toml("position = \"rope\"", offsets + "offsets = 3"))));
  expect("", offsets + "mask = \"window(3)\"", "attention.kind", "attention.mask");
  expect("position = \"alibi\"", offsets, "model.position", "attention.kind");
  expect("", offsets + additive, "attention.score", "attention.kind");
  expect("", offsets + "weights = \"sampled\"", "attention.weights", "attention.kind");
  expect("", offsets + latent, "attention.projection", "attention.kind");
  expect("", "offsets = 3", "attention.offsets", "attention.kind");
  expect("[decoder.cross.attention]\n" + span, "", "model.decoder.cross.attention.kind",
         "model.decoder.attention.kind");
  const std::string segments = "kind = \"segments\"\n";
  EXPECT_NO_THROW(validate(read(toml("position = \"transformer_xl\"", segments + "segment = 4\nmemory = 9"))));
  expect("", "memory = 4", "attention.memory", "attention.kind");
  expect("", segments + "mask = \"bias(causal, 1)\"", "attention.kind", "attention.mask");
  expect("", segments + "mask = \"window(2) | window(3) | window(4) | window(5)\"", "attention.kind", "attention.mask");
  EXPECT_NO_THROW(validate(read(toml("", "kind = \"head_windows\"\nwindows = \"1, 5\""))));
  expect("heads = 2", "kind = \"head_windows\"\nwindows = \"1, 5, 9\"", "attention.windows", "model.heads");
  expect("", "windows = \"3\"", "attention.windows", "attention.kind");
  const std::string decoder = refusal("[decoder.attention]\n" + linformer);
  EXPECT_TRUE(contains(decoder, "attention.kind"));
  EXPECT_TRUE(contains(decoder, "attention.mask"));
}

TEST(ModelConfig, CrossAttentionMergedWithSelfAttention) {
  const auto expect = [](const std::string& keys, const char* other) {
    const std::string sentence = refusal(keys);
    EXPECT_TRUE(contains(sentence, "model.decoder.cross.place")) << keys << sentence;
    EXPECT_TRUE(contains(sentence, other)) << keys << sentence;
  };
  const std::string merged = "[decoder.cross]\nplace = \"merged\"\n";
  EXPECT_NO_THROW(validate(read("position = \"shaw\"\n" + merged)));
  expect("kind = \"decoder_only\"\n" + merged, "model.kind");
  expect("position = \"rope\"\n" + merged, "model.position");
  expect("position = \"none\"\n[attention]\nkind = \"linear\"\n" + merged, "model.attention.kind");
  expect("position = \"none\"\n[attention]\nprojection = \"latent\"\n" + merged, "model.attention.projection");
  expect(merged + "heads = 2\n", "model.decoder.cross");
}

TEST(ModelConfig, MixturesOfExperts) {
  const auto expect = [](const std::string& keys, const char* one, const char* other) {
    const std::string sentence = refusal(keys);
    EXPECT_TRUE(contains(sentence, one)) << keys << sentence;
    EXPECT_TRUE(contains(sentence, other)) << keys << sentence;
  };
  const std::string moe = "ffn_kind = \"moe\"\n";
  const ModelConfig config = read(moe + "[moe]\nexperts = 4\nexpert = \"swiglu\"\ngates = \"chosen\"\n");
  const nn::ExpertsConfig experts = resolve_layer(config, Stack::encoder, 0).feed_forward.experts;
  EXPECT_EQ(experts.count, 4);
  EXPECT_EQ(experts.top_k, 2);
  EXPECT_EQ(experts.kind, "swiglu");
  EXPECT_TRUE(experts.among_chosen);
  EXPECT_EQ(resolve_layer(read(moe + "[moe]\nexperts = 1"), Stack::decoder, 0).feed_forward.experts.top_k, 1);
  expect("[moe]\nexperts = 4", "model.moe.experts", "model.ffn_kind");
  expect("[moe]\ncapacity = 1.0", "model.moe.capacity", "model.ffn_kind");
  expect(moe + "[moe]\nexperts = 2\ntop_k = 3", "model.moe.top_k", "model.moe.experts");
  expect(moe + "[moe]\nexpert = \"moe\"", "model.moe.expert", "model.ffn_kind");
  expect(moe + "[moe]\nexpert = \"none\"", "model.moe.expert", "model.ffn_kind");
  expect(moe + "[moe]\ntop_k = 1\ngates = \"chosen\"", "model.moe.gates", "model.moe.top_k");
}

TEST(ModelConfig, Convolutions) {
  const std::string convolution = "kind = \"decoder_only\"\nffn_kind = \"convolution\"\n";
  EXPECT_TRUE(resolve_layer(read(convolution), Stack::decoder, 0).feed_forward.convolution.causal);
  EXPECT_FALSE(resolve_layer(read("ffn_kind = \"convolution\""), Stack::encoder, 0).feed_forward.convolution.causal);
  for (const char* key : {"width = 3", "gated = true"}) {
    const std::string sentence = refusal(std::string("[convolution]\n") + key);
    EXPECT_TRUE(contains(sentence, "model.convolution.")) << sentence;
    EXPECT_TRUE(contains(sentence, "model.ffn_kind")) << sentence;
  }
}

TEST(ModelConfig, SourcesOfTokenVectors) {
  const auto expect = [](const std::string& keys, const char* one, const char* other) {
    const std::string sentence = refusal(keys);
    EXPECT_TRUE(contains(sentence, one)) << keys << sentence;
    EXPECT_TRUE(contains(sentence, other)) << keys << sentence;
  };
  const std::string untied = "width = 8\ntie_embeddings = false\n[embedding]\n",
                    beside = "[[embedding.beside]]\nkind = \"hashing\"\n";
  EXPECT_TRUE(embedding_config(read("[embedding]\nkind = \"table\""), Stack::decoder).is_table());
  EXPECT_EQ(embedding_config(read(untied + beside), Stack::decoder).sources.size(), 2u);
  expect("[embedding]\nkind = \"hashing\"", "model.tie_embeddings", "model.embedding.kind");
  expect(beside, "model.tie_embeddings", "model.embedding.beside");
  expect(untied + "rank = 2", "model.embedding.rank", "model.embedding.kind");
  expect(untied + "kind = \"factorised\"\nhashes = 2", "model.embedding.hashes", "model.embedding.kind");
  expect(untied + "kind = \"factorised\"\nrank = 9", "model.embedding.rank", "model.embedding.width");
  expect(untied + "fusion = \"gate\"", "model.embedding.fusion", "model.embedding.beside");
  expect(untied + "fusion = \"domains\"\n" + beside, "model.embedding.domains", "data.domains");
  expect(untied + "domains = 2\n" + beside, "model.embedding.domains", "model.embedding.fusion");
  EXPECT_EQ(embedding_config(read(untied + "fusion = \"domains\"\ndomains = 3\n" + beside), Stack::decoder).domains, 3);
  expect(untied + "width = 4\n" + beside, "model.embedding.width", "model.embedding.fusion");
  expect(untied + "width = 4\nfusion = \"concat\"\n" + beside, "model.embedding.width", "model.width");
}

TEST(ModelConfig, ChoicesOfLayersMustMeetOne) {
  const auto choice = [](const std::string& layers, const std::string& stack = "all") {
    return "encoder_layers = 2\ndecoder_layers = 4\n[[layer]]\nffn = 8\nstack = \"" + stack + "\"\nlayers = \"" +
           layers + "\"";
  };
  for (const char* good : {"all", "0", "3", "0-2", "2-9", "every 1", "every 3"})
    EXPECT_NO_THROW(validate(read(choice(good)))) << good;
  for (const char* bad :
       {"", "first", "-1", "1-", "-", "0 - 2", "every", "every ", "every x", "1.5", "99999999999999999999", "0,1"})
    EXPECT_TRUE(contains(refusal(choice(bad)), "not a choice of layers") ||
                contains(refusal(choice(bad)), "meets no layer"))
        << bad;
  EXPECT_TRUE(contains(refusal(choice("every 0")), "names no layer"));
  EXPECT_TRUE(contains(refusal(choice("2-1")), "runs backwards"));
  EXPECT_TRUE(contains(refusal(choice("4")), "meets no layer"));
  EXPECT_TRUE(contains(refusal(choice("2", "encoder")), "meets no layer of the stack \"encoder\", which has 2"));
}

TEST(ModelConfig, EmbeddingsFollowTheConfig) {
  ModelConfig config = read("width = 64\nposition = \"none\"\nmax_length = 33\nvocab_size = 50");
  const nn::EmbeddingConfig embedding = embedding_config(config, Stack::decoder);
  EXPECT_EQ(embedding.position, "none");
  EXPECT_EQ(embedding.scale, 8.0);
  EXPECT_EQ(embedding.max_length, 33);
  EXPECT_EQ(embedding.vocab_size, 50);
}

TEST(ModelConfig, EachStackHasItsOwnEmbeddingDropout) {
  const ModelConfig config = read("dropout = 0.3\n[encoder]\ndropout = 0.0\n");
  EXPECT_EQ(embedding_config(config, Stack::encoder).dropout.probability, 0.0);
  EXPECT_EQ(embedding_config(config, Stack::decoder).dropout.probability, 0.3);
}

}  // namespace
}  // namespace heddle::model
