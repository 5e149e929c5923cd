#include "heddle/task/alignment.h"

#include <algorithm>

#include "heddle/data/translation_set.h"
#include "heddle/ops/workspace.h"
#include "heddle/report/heatmap.h"
#include "heddle/text/byte_level.h"
#include "heddle/text/utf8.h"

namespace heddle::task {
namespace {

// Adds up the weights that one named attention shows.
class WeightReader : public nn::Probe {
 public:
  WeightReader(std::string point, std::vector<std::vector<double>>& sums) : point_(std::move(point)), reader_(Ignore{}, Add{&sums}) {}
  ops::AttentionProbe* attention(std::string_view name) override { return name == point_ ? &reader_ : nullptr; }

 private:
  struct Ignore {
    template <class T>
    void operator()(int64_t, int, int64_t, int64_t, T*) const {}
  };
  struct Add {
    std::vector<std::vector<double>>* sums;
    template <class T>
    void operator()(int64_t, int, int64_t rows, int64_t columns, T* weights) const {
      sums->resize(static_cast<size_t>(rows), std::vector<double>(static_cast<size_t>(columns)));
      for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < columns; ++j) (*sums)[static_cast<size_t>(i)][static_cast<size_t>(j)] += static_cast<double>(weights[i * columns + j]);
    }
  };
  std::string point_;
  ops::AttentionProbeOf<Ignore, Add> reader_;
};

data::PackedSequences packed(std::span<const int32_t> ids) {
  data::PackedSequences sequence;
  sequence.add(0, ids);
  return sequence;
}

std::vector<std::string> labels(const text::Tokenizer& tokenizer, std::span<const int32_t> ids) {
  std::vector<std::string> names;
  for (int32_t id : ids) names.push_back(text::repair_utf8(text::characters_to_bytes(tokenizer.token_of(id))));
  return names;
}

}  // namespace

Alignment alignment(const Translator& translator, const std::string& line) {
  const text::Tokenizer& tokenizer = translator.tokenizer();
  const model::LoadedModel& loaded = translator.model();
  std::vector<int32_t> source = tokenizer.encode(line);
  source.resize(std::min(source.size(), static_cast<size_t>(translator.longest_source())));
  std::vector<int32_t> target = tokenizer.encode(translator.translate(line));
  target.resize(std::min(target.size(), static_cast<size_t>(translator.longest_source())));
  std::vector<int32_t> input = {*tokenizer.begin_id()};
  input.insert(input.end(), target.begin(), target.end() - 1);

  Alignment result = {labels(tokenizer, source), labels(tokenizer, target), {}};
  WeightReader reader(fmt::format("decoder.layers.{}.cross_attention", loaded.model.config().decoder_layers - 1), result.weights);
  const nn::Pass pass = {.parameters = loaded.parameters, .weights = loaded.weights, .random = {}, .probe = &reader};
  Arena arena;
  const ops::Workspace workspace(arena);
  const data::PackedSequences from = packed(source), to = packed(input);
  const Tensor memory = loaded.model.encode(pass, {from.ids, from.rows()});
  loaded.model.decode(pass, {to.ids, to.rows()}, memory, from.rows());
  const auto heads = static_cast<double>(*loaded.model.config().layer.heads);
  for (auto& row : result.weights)
    for (double& weight : row) weight /= heads;
  return result;
}

std::string alignment_svg(const Translator& translator, const std::string& line) {
  const Alignment found = alignment(translator, line);
  return report::heatmap("Attention of each output token over the input", found.target, found.source, found.weights);
}

}  // namespace heddle::task
