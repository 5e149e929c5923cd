#include "heddle/task/translator.h"

#include <algorithm>
#include <numeric>

#include "heddle/base/error.h"
#include "heddle/task/recipe_tokenizer.h"
#include "heddle/task/transformer_steps.h"

namespace heddle::task {

std::vector<std::vector<decode::Hypothesis>> decode_sources(const model::EncoderDecoder& model, const nn::Pass& pass,
                                                            const std::vector<std::vector<int32_t>>& sources,
                                                            const decode::BeamOptions& options, int64_t batch_tokens,
                                                            double exit_threshold, std::span<const int32_t> domains) {
  std::vector<size_t> order(sources.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, {}, [&](size_t i) { return sources[i].size(); });
  decode::BeamOptions limits = options;
  limits.max_length = std::min<int64_t>(options.max_length, model.config().max_length);
  std::vector<std::vector<decode::Hypothesis>> answers(sources.size());
  TransformerSteps steps(model, pass);
  steps.exit_above(exit_threshold);
  for (size_t first = 0; first < order.size();) {
    std::vector<std::vector<int32_t>> batch;
    std::vector<int32_t> domains_of_batch;
    int64_t tokens = 0;
    size_t last = first;
    while (last < order.size() && (last == first || tokens + std::ssize(sources[order[last]]) <= batch_tokens)) {
      tokens += std::ssize(sources[order[last]]);
      if (!domains.empty()) domains_of_batch.push_back(domains[order[last]]);
      batch.push_back(sources[order[last++]]);
    }
    steps.start(batch, domains_of_batch);
    auto found = decode::beam_search(steps, limits);
    for (size_t i = first; i < last; ++i) answers[order[i]] = std::move(found[i - first]);
    first = last;
  }
  return answers;
}

Translator::Translator(std::unique_ptr<model::LoadedModel> model, text::Tokenizer tokenizer)
    : model_(std::move(model)), tokenizer_(std::move(tokenizer)) {}

Translator Translator::load(const std::filesystem::path& folder) {
  auto model = model::load_model(folder);
  auto tokenizer = text::Tokenizer::load(folder / "tokenizer.json");
  if (!model->model.has_encoder()) fail_input("{} holds a decoder-only model, which cannot translate", folder.string());
  check_belongs(tokenizer, model->model.config(), folder);
  Translator translator(std::move(model), std::move(tokenizer));
  if (std::filesystem::exists(folder / "config.toml")) translator.recipe_ = read_recipe(folder / "config.toml", {});
  return translator;
}

std::string Translator::translate(const std::string& line) const {
  return translate(std::vector<std::string>{line})[0][0].text;
}

std::vector<std::vector<Translation>> Translator::translate(const std::vector<std::string>& lines) const {
  cut_lines_.clear();
  std::vector<std::vector<int32_t>> sources;
  std::vector<size_t> line_of_source;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].empty()) continue;
    std::vector<int32_t> ids = tokenizer_.encode(lines[i]);
    if (std::ssize(ids) > longest_source()) {
      ids.resize(static_cast<size_t>(longest_source()));
      ids.back() = *tokenizer_.end_id();
      cut_lines_.push_back(static_cast<int64_t>(i));
    }
    line_of_source.push_back(i);
    sources.push_back(std::move(ids));
  }
  decode::BeamOptions options =
      beam_options(recipe_.decode, *tokenizer_.begin_id(), *tokenizer_.end_id(), tokenizer_.pad_id().value_or(-1));
  options.nbest = nbest;
  const nn::Pass pass = {.parameters = model_->parameters, .weights = model_->weights, .random = {}};
  const auto found = decode_sources(model_->model, pass, sources, options, recipe_.decode.batch_tokens,
                                    recipe_.decode.exit_threshold, std::vector<int32_t>(sources.size(), domain_));
  std::vector<std::vector<Translation>> answers(lines.size(), std::vector<Translation>(1));
  for (size_t s = 0; s < sources.size(); ++s) {
    auto& answer = answers[line_of_source[s]];
    answer.clear();
    for (const decode::Hypothesis& hypothesis : found[s])
      answer.push_back({tokenizer_.decode(hypothesis.tokens), hypothesis.score});
  }
  return answers;
}

}  // namespace heddle::task
