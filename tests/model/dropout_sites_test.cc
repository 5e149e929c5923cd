// Dropout is keyed by its place in the model: no two places, and no two heads, draw the same mask.
//
// The weights are set so that a mask can be read off: a branch that is constant but for its
// dropout, or values that are one-hot by position, so that attention shows which weights were
// dropped.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/model/tiny_batch.h"

namespace heddle::model {
namespace {

constexpr int kSize = 24;  // tokens, width, inner width and the width of a head

using MaskBits = std::vector<bool>;

ModelConfig config_with(double dropout, double attention, double ffn) {
  ModelConfig config;
  config.width = kSize;
  config.layer.heads = 2;
  config.layer.head_width = kSize;
  config.layer.ffn = kSize;
  config.layer.ffn_kind = "gelu";
  config.layer.norm_place = "pre";
  config.layer.dropout = dropout;
  config.layer.attention_dropout = attention;
  config.layer.ffn_dropout = ffn;
  config.position = "learned";
  config.tie_embeddings = false;
  config.max_length = kSize;
  config.vocab_size = 5;
  return config;
}

// All weights zero but the gains of the norms, and one pair of the same example on both sides.
struct BlankModel {
  nn::Parameters parameters;
  EncoderDecoder model;
  nn::WeightSet weights;
  TinyStream tokens;
  nn::Probe* probe = nullptr;

  explicit BlankModel(const ModelConfig& config) : model(parameters, config), weights(parameters, DType::f64) {
    for (nn::ParameterId id : parameters.match("*norm.weight")) fill(id, 1);
    tokens.add(3, std::vector<int32_t>(kSize, 0));
  }
  void fill(nn::ParameterId id, double value) { std::ranges::fill(weights.of(id).span<double>(), value); }
  // Ones on the diagonal of the rows from `first_row`.
  void set_identity(nn::ParameterId id, int64_t first_row = 0) {
    for (int64_t i = 0; i < kSize; ++i) weights.of(id).data<double>()[(first_row + i) * kSize + i] = 1;
  }
  nn::Pass pass() const {
    return {.parameters = parameters,
            .weights = weights,
            .random = {.seed = 7, .step = 5},
            .training = true,
            .probe = probe};
  }
  Tensor encode() const { return model.encode(pass(), tokens.stream()); }
  Tensor decode() const { return model.decode(pass(), tokens.stream(), encode(), tokens.rows()); }
};

// What was kept: the numbers above the middle of their row.
MaskBits kept(const Tensor& values) {
  MaskBits bits;
  for (int64_t r = 0; r < values.rows(); ++r) {
    const auto row = values.row_range(r, r + 1).span<double>();
    const auto [low, high] = std::ranges::minmax(row);
    for (double x : row) bits.push_back(high > low && x > (low + high) / 2);
  }
  return bits;
}

// Two masks of independent draws at p = 0.5 differ in half of their places.
void expect_all_different(const std::map<std::string, MaskBits>& masks, size_t places) {
  for (auto one = masks.begin(); one != masks.end(); ++one)
    for (auto other = std::next(one); other != masks.end(); ++other) {
      size_t differences = 0;
      ASSERT_EQ(one->second.size(), other->second.size());
      for (size_t i = 0; i < one->second.size(); ++i) differences += one->second[i] != other->second[i];
      EXPECT_GT(differences, places / 3) << one->first << " and " << other->first;
      EXPECT_LT(differences, places * 2 / 3) << one->first << " and " << other->first;
    }
}

TEST(DropoutSites, EveryResidualStepAndEmbeddingDrawsItsOwnMask) {
  BlankModel m(config_with(0.5, 0, 0));
  std::map<std::string, MaskBits> masks;
  for (const char* pattern : {"*attention.output.bias", "*.second.bias", "*embedding.weight"})
    for (nn::ParameterId id : m.parameters.match(pattern)) {
      const std::string& name = m.parameters.info(id).name;
      m.fill(id, 1);
      masks[name] = kept(name.starts_with("encoder") ? m.encode() : m.decode());
      m.fill(id, 0);
    }
  ASSERT_EQ(masks.size(), 2u * 2 + 2 * 3 + 2);
  expect_all_different(masks, kSize * kSize);
}

class MaskReader : public nn::Probe {
 public:
  Tensor at(std::string_view name, const Tensor& value, const Rows&) override {
    if (name.ends_with(".neurons")) masks[std::string(name)] = kept(value);
    if (!name.ends_with(".output")) return value;
    for (int64_t head = 0; head < 2; ++head)
      masks[std::string(name) + " of head " + std::to_string(head)] =
          past_only(kept(keep(value.column_range(head * kSize, (head + 1) * kSize))));
    return value;
  }
  std::map<std::string, MaskBits> masks;

 private:
  // Causal attention sees no more.
  static MaskBits past_only(MaskBits bits) {
    for (size_t row = 0; row < kSize; ++row)
      for (size_t key = row + 1; key < kSize; ++key) bits[row * kSize + key] = false;
    return bits;
  }
};

TEST(DropoutSites, EveryFeedForwardDrawsItsOwnMask) {
  BlankModel m(config_with(0, 0, 0.5));
  for (nn::ParameterId id : m.parameters.match("*.first.bias")) m.fill(id, 1);
  MaskReader reader;
  m.probe = &reader;
  m.decode();
  std::erase_if(reader.masks, [](const auto& mask) { return !mask.first.ends_with("neurons"); });
  ASSERT_EQ(reader.masks.size(), 4u);
  expect_all_different(reader.masks, kSize * kSize);
}

TEST(DropoutSites, EveryHeadOfEveryAttentionDrawsItsOwnMask) {
  BlankModel m(config_with(0, 0.5, 0));
  for (nn::ParameterId id : m.parameters.match("*.positions.weight")) m.set_identity(id);
  for (int64_t head = 0; head < 2; ++head) {
    for (nn::ParameterId id : m.parameters.match("*.qkv.weight")) m.set_identity(id, (4 + head) * kSize);
    for (nn::ParameterId id : m.parameters.match("*.key_value.weight")) m.set_identity(id, (2 + head) * kSize);
  }
  MaskReader reader;
  m.probe = &reader;
  m.decode();
  std::erase_if(reader.masks, [](const auto& mask) { return mask.first.ends_with("neurons"); });
  ASSERT_EQ(reader.masks.size(), 2u * (2 + 2 + 2));
  expect_all_different(reader.masks, kSize * (kSize + 1) / 2);
}

}  // namespace
}  // namespace heddle::model
