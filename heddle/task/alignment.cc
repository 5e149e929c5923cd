#include "heddle/task/alignment.h"

#include <algorithm>

#include "heddle/data/translation_set.h"
#include "heddle/ops/workspace.h"
#include "heddle/report/heatmap.h"
#include "heddle/task/cross_attention_reader.h"
#include "heddle/text/byte_level.h"
#include "heddle/text/utf8.h"

namespace heddle::task {
namespace {

data::PackedSequences packed(std::span<const int32_t> ids, int32_t domain) {
  data::PackedSequences sequence;
  sequence.add(0, ids, domain);
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
  if (loaded.model.config().cross_place == "merged")
    fail_input(
        "model.decoder.cross.place = \"merged\" shares each word's attention between source and translation, so that "
        "there "
        "is no alignment to show; use a model whose cross-attention is separate");
  std::vector<int32_t> source = tokenizer.encode(line);
  source.resize(std::min(source.size(), static_cast<size_t>(translator.longest_source())));
  std::vector<int32_t> target = tokenizer.encode(translator.translate(line));
  target.resize(std::min(target.size(), static_cast<size_t>(translator.longest_source())));
  std::vector<int32_t> input = {*tokenizer.begin_id()};
  input.insert(input.end(), target.begin(), target.end() - 1);

  CrossAttentionReader reader(loaded.model.config());
  const nn::Pass pass = {.parameters = loaded.parameters, .weights = loaded.weights, .random = {}, .probe = &reader};
  Arena arena;
  const ops::Workspace workspace(arena);
  const data::PackedSequences from = packed(source, translator.domain()), to = packed(input, translator.domain());
  const Tensor memory = loaded.model.encode(pass, {from.ids, from.rows()});
  loaded.model.decode(pass, {to.ids, to.rows()}, memory, from.rows());
  Alignment result = {labels(tokenizer, source), labels(tokenizer, target), {}};
  for (int64_t i = 0; i < to.tokens(); ++i) {
    const std::span<const float> weights = reader.row(0, i);
    result.weights.emplace_back(weights.begin(), weights.end());
  }
  return result;
}

std::string alignment_svg(const Translator& translator, const std::string& line) {
  const Alignment found = alignment(translator, line);
  return report::heatmap("Attention over the input", found.target, found.source, found.weights);
}

}  // namespace heddle::task
