#include "heddle/model/vocabulary_growth.h"

#include <algorithm>

#include "heddle/base/error.h"

namespace heddle::model {
namespace {

// Row i of what follows the old rows.
void add_rows(std::span<const float> old, std::span<float> grown, size_t width,
              std::span<const std::vector<int32_t>> old_pieces) {
  std::ranges::copy(old, grown.begin());
  float* row = grown.data() + old.size();
  for (const std::vector<int32_t>& pieces : old_pieces) {
    std::fill_n(row, width, 0.0f);
    for (const int32_t piece : pieces)
      for (size_t i = 0; i < width; ++i)
        row[i] += old[static_cast<size_t>(piece) * width + i] / static_cast<float>(pieces.size());
    row += width;
  }
}

}  // namespace

std::unique_ptr<LoadedModel> with_more_tokens(const LoadedModel& model,
                                              std::span<const std::vector<int32_t>> old_pieces) {
  ModelConfig config = model.model.config();
  const int64_t old_size = config.vocab_size;
  for (const std::vector<int32_t>& pieces : old_pieces)
    for (const int32_t piece : pieces)
      if (piece < 0 || piece >= old_size)
        fail_input("the token id {} lies outside the model's vocabulary of {}; the tokenizer is not the model's", piece,
                   old_size);
  config.vocab_size += std::ssize(old_pieces);
  auto grown = std::make_unique<LoadedModel>(config, model.weights.dtype());
  for (size_t i = 0; i < grown->parameters.all().size(); ++i) {
    const nn::ParameterInfo& info = grown->parameters.all()[i];
    const nn::ParameterId old_id = model.parameters.find(info.name);
    HEDDLE_CHECK(old_id != nn::kNoParameter, "the grown model has a weight {} that the old one lacks", info.name);
    const Tensor& from = model.weights.of(old_id);
    const Tensor& to = grown->weights.of(static_cast<nn::ParameterId>(i));
    if (from.shape() == to.shape()) {
      copy_into(from, to);
      continue;
    }
    const bool by_token = from.shape()[0] == old_size && to.shape()[0] == config.vocab_size;
    if (!by_token)
      fail_input(
          "the weight {} of {} becomes {} with more tokens, and its rows are not theirs: model.embedding.kind = \"{}\" "
          "gets no more tokens; a table does, and hashing whose model.embedding.buckets are given",
          info.name, from.shape().text(), to.shape().text(), config.embedding.kind);
    add_rows(from.span<float>(), to.span<float>(), from.span<float>().size() / static_cast<size_t>(old_size),
             old_pieces);
  }
  grown->weights.touch();
  return grown;
}

}  // namespace heddle::model
