#include "heddle/nn/embedding/characters.h"

#include <algorithm>
#include <cmath>

#include "heddle/ops/character_convolution.h"
#include "heddle/ops/concatenate.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/dynamic_tanh.h"
#include "heddle/ops/elementwise_product.h"
#include "heddle/ops/scaled_sum.h"
#include "heddle/ops/tape.h"

namespace heddle::nn::embeddings {
namespace {

constexpr double kFirstCarry = -2;  // of the gate: a new model lets the filters' answers through

Tensor constant(int64_t count, double value, DType dtype) {
  const Tensor filled = ops::new_tensor({count}, dtype);
  ops::with_real_type(dtype, [&]<class T>(T) { std::ranges::fill(filled.span<T>(), static_cast<T>(value)); });
  return filled;
}

// Begin, bytes, end, and fill; what is too long is cut.
void write_codes(std::string_view text, std::span<int32_t> codes) {
  std::ranges::fill(codes, Characters::kFill);
  const size_t kept = std::min(text.size(), codes.size() - 2);
  codes[0] = Characters::kBegin;
  for (size_t i = 0; i < kept; ++i) codes[i + 1] = 3 + static_cast<unsigned char>(text[i]);
  codes[kept + 1] = Characters::kEnd;
}

}  // namespace

Characters::Characters(const Place& place, const EmbeddingSourceConfig& config)
    : vocab_size_(config.vocab_size), length_(std::max(config.characters + 2, config.convolutions)) {
  const auto declare = [&](const std::string& part, Shape shape, Init init, bool trainable = true) {
    return place.parameters.declare({.name = place.name + "." + part,
                                     .role = "embedding",
                                     .shape = shape,
                                     .init = std::move(init),
                                     .trainable = trainable});
  };
  codes_ = declare("codes", {vocab_size_, length_}, Init::zeros(), false);
  table_ = declare("characters.weight", {kCodes, config.character_width}, Init::normal(1));
  for (int64_t k = 1; k <= config.convolutions; ++k) {
    const int64_t rest = k == 1 ? config.width % config.convolutions : 0;
    const int64_t count = config.width / config.convolutions + rest;
    if (count == 0) continue;  // fewer columns than lengths of filters
    const std::string name = fmt::format("filter{}", k);
    const double deviation = 1 / std::sqrt(static_cast<double>(k * config.character_width));
    filters_.push_back(declare(name + ".weight", {count, k * config.character_width}, Init::normal(deviation)));
    biases_.push_back(declare(name + ".bias", {count}, Init::zeros()));
  }
  carry_ = Linear::declare(place.parameters, place.name + ".carry", "embedding", -1, config.width, config.width);
  change_ = Linear::declare(place.parameters, place.name + ".change", "embedding", -1, config.width, config.width);
}

Tensor Characters::vectors(const Pass& pass, std::span<const int32_t> ids, double scale, const Rows& rows) const {
  Tensor memory;
  const std::span<const int32_t> codes = codes_of(pass, ids, memory);
  const Tensor table = weight(table_, pass).dense();
  Tensor answers;
  for (size_t k = 0; k < filters_.size(); ++k) {
    const Tensor best =
        ops::bias_activation(ops::character_convolution(codes, length_, table, weight(filters_[k], pass).dense(), rows),
                             weight(biases_[k], pass).dense(), rows, {.activation = kernels::Activation::relu});
    answers = answers.defined() ? ops::concatenate(answers, best, rows) : best;
  }
  return highway(pass, answers, scale, rows);
}

// scale·(y + t⊙(relu(W·y + b) - y)); σ(z) = ½·tanh(½·z) + ½.
Tensor Characters::highway(const Pass& pass, const Tensor& y, double scale, const Rows& rows) const {
  const DType dtype = y.dtype();
  const Tensor changed = change_.forward(pass, y, rows, {.activation = kernels::Activation::relu});
  const Tensor half = constant(1, 0.5, dtype), halves = constant(y.width(), 0.5, dtype);
  const Tensor shifted =
      ops::bias_activation(carry_.forward(pass, y, rows), constant(y.width(), kFirstCarry, dtype), rows, {});
  const Tensor gate = ops::dynamic_tanh(shifted, half, halves, halves, rows);
  const Tensor difference = ops::scaled_sum(changed, y, constant(1, -1, dtype), rows, {});
  return ops::scaled_sum(y, ops::elementwise_product(difference, gate, rows), constant(1, scale, dtype), rows,
                         {.residual_scale = scale});
}

std::span<const int32_t> Characters::codes_of(const Pass& pass, std::span<const int32_t> ids, Tensor& memory) const {
  const int64_t count = std::ssize(ids) * length_;
  int32_t* all = nullptr;
  if (ops::Tape* tape = ops::Tape::current()) {
    all = static_cast<int32_t*>(tape->arena().take_permanent(count * int64_t{sizeof(int32_t)}));
  } else {
    memory = ops::new_tensor({count}, DType::i32);
    all = static_cast<int32_t*>(memory.raw());
  }
  const Tensor& known = pass.weights.of(codes_);
  ops::with_real_type(known.dtype(), [&]<class T>(T) {
    for (size_t i = 0; i < ids.size(); ++i) {
      if (ids[i] < 0 || ids[i] >= vocab_size_)
        fail_input("token id {} lies outside the vocabulary of {}; use the tokenizer of this model", ids[i],
                   vocab_size_);
      const T* row = known.data<T>() + ids[i] * length_;
      const std::span<int32_t> codes(all + static_cast<int64_t>(i) * length_, static_cast<size_t>(length_));
      for (size_t j = 0; j < codes.size(); ++j)
        codes[j] = static_cast<int32_t>(std::clamp(std::round(row[j]), T{0}, static_cast<T>(kCodes - 1)));
      if (codes[0] != kBegin) write_codes(std::to_string(ids[i]), codes);
    }
  });
  return {all, static_cast<size_t>(count)};
}

void Characters::learn_tokens(const TokenFacts& facts, WeightSet& weights) const {
  std::vector<int32_t> codes(static_cast<size_t>(length_));
  ops::with_real_type(weights.dtype(), [&]<class T>(T) {
    T* all = weights.of(codes_).data<T>();
    for (size_t id = 0; id < std::min(facts.texts.size(), static_cast<size_t>(vocab_size_)); ++id) {
      write_codes(facts.texts[id], codes);
      std::ranges::transform(codes, all + static_cast<int64_t>(id) * length_,
                             [](int32_t c) { return static_cast<T>(c); });
    }
  });
  weights.touch();
}

}  // namespace heddle::nn::embeddings
