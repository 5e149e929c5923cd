#include "heddle/task/completer.h"

#include <algorithm>

#include "heddle/base/error.h"
#include "heddle/base/log.h"
#include "heddle/decode/prompted_model.h"
#include "heddle/decode/sampling.h"
#include "heddle/task/infilling.h"
#include "heddle/task/recipe_tokenizer.h"
#include "heddle/task/transformer_steps.h"

namespace heddle::task {

Completer Completer::load(const std::filesystem::path& folder) {
  auto model = model::load_model(folder);
  auto tokenizer = text::Tokenizer::load(folder / "tokenizer.json");
  if (model->model.has_encoder())
    fail_input("{} holds a translator, not a language model; heddle translate reads it", folder.string());
  check_belongs(tokenizer, model->model.config(), folder);
  return {std::move(model), std::move(tokenizer), read_recipe(folder / "config.toml", {})};
}

int64_t Completer::longest_prompt(int64_t tokens) const {
  const int64_t room = model_->model.config().max_length - 1;  // the begin token stands before all
  return room - std::min(tokens, room / 2);
}

std::vector<Completion> Completer::complete(std::string_view text, const CompletionOptions& options,
                                            uint64_t number) const {
  std::vector<int32_t> prompt = tokenizer_.encode(text, false);
  if (answers_questions()) prompt.push_back(*tokenizer_.end_id());
  const int64_t longest = longest_prompt(options.tokens);
  if (std::ssize(prompt) > longest) {
    log_warning(
        "line {} has {} tokens, of which the last {} are read: model.max_length = {}, and an answer has to follow",
        number, prompt.size(), longest, model_->model.config().max_length);
    prompt.erase(prompt.begin(), prompt.end() - longest);
  }
  return after(std::move(prompt), options, number);
}

std::vector<Completion> Completer::infill(std::string_view before, std::string_view after_it,
                                          const CompletionOptions& options, uint64_t number) const {
  std::vector<int32_t> prompt = data::infilling_prompt(
      tokenizer_.encode(before, false), tokenizer_.encode(after_it, false), infilling_tokens(tokenizer_));
  const int64_t longest = longest_prompt(options.tokens);
  if (std::ssize(prompt) > longest)
    fail_input(
        "what stands before and after has {} tokens, marks included, and the model reads {} beside an answer of {}; "
        "shorten the texts or the answer",
        prompt.size(), longest, options.tokens);
  return after(std::move(prompt), options, number);
}

std::vector<int32_t> Completer::forbidden() const {
  std::vector<int32_t> ids = {*tokenizer_.begin_id()};
  if (const auto pad = tokenizer_.pad_id()) ids.push_back(*pad);
  for (const std::string_view token : {data::kPrefixToken, data::kSuffixToken, data::kMiddleToken})
    if (const auto id = tokenizer_.id_of(token)) ids.push_back(*id);
  // Rows of the model beyond the tokenizer's have no text.
  for (int64_t id = tokenizer_.vocab_size(); id < model_->model.config().vocab_size; ++id)
    ids.push_back(static_cast<int32_t>(id));
  return ids;
}

std::vector<Completion> Completer::after(std::vector<int32_t> prompt, const CompletionOptions& options,
                                         uint64_t number) const {
  const int64_t room = model_->model.config().max_length - 1 - std::ssize(prompt);
  decode::DecodeOptions limits;
  limits.start_token = *tokenizer_.begin_id();
  limits.end_token = *tokenizer_.end_id();
  limits.forbidden = forbidden();
  limits.max_extra = limits.max_length = std::min(options.tokens, room);
  const nn::Pass pass = {.parameters = model_->parameters, .weights = model_->weights, .random = {}};
  TransformerSteps steps(model_->model, pass, {{}}, {&domain_, 1});
  decode::PromptedModel model(steps, std::move(prompt));
  std::vector<decode::Hypothesis> found;
  if (options.temperature == 0) {
    decode::BeamOptions greedy{limits};
    greedy.beam = 1;
    found = decode::beam_search(model, greedy)[0];
  } else {
    decode::SamplingOptions sampling{limits};
    sampling.temperature = options.temperature;
    sampling.top_k = options.top_k;
    sampling.top_p = options.top_p;
    sampling.samples = options.samples;
    found = decode::sample(model, sampling, {.seed = options.seed}, {{number}})[0];
  }
  std::vector<Completion> answers;
  for (const decode::Hypothesis& one : found)
    answers.push_back({tokenizer_.decode(one.tokens), one.log_probability, one.finished});
  return answers;
}

}  // namespace heddle::task
