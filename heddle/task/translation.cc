#include "heddle/task/translation.h"

#include <algorithm>

#include "heddle/base/error.h"
#include "heddle/metrics/bleu.h"
#include "heddle/task/translator.h"

namespace heddle::task {

std::vector<data::ExampleLength> TranslationExamples::open(int64_t epoch) {
  if (text_of_epoch_ && drawn_epoch_ != epoch) {
    drawn_ = text_of_epoch_(epoch);
    drawn_epoch_ = epoch;
  }
  return data::lengths_of(current());
}

TranslationValidator::TranslationValidator(const model::EncoderDecoder& model, const text::Tokenizer& tokenizer,
                                           const Recipe& recipe, std::vector<data::TextPair> pairs)
    : model_(model), tokenizer_(tokenizer), recipe_(recipe), pairs_(std::move(pairs)) {
  std::erase_if(pairs_, [](const data::TextPair& pair) { return pair.source.empty() || pair.target.empty(); });
  if (std::ssize(pairs_) > recipe.decode.validation_lines)
    pairs_.resize(static_cast<size_t>(recipe.decode.validation_lines));
  const data::Encode encode = [&](std::string_view text) { return tokenizer.encode(text); };
  const int64_t longest = recipe.model.max_length - 1;
  set_ = data::encode_pairs(pairs_, encode, encode, {.max_source_tokens = longest, .max_target_tokens = longest}).set;
  if (set_.size() == 0)
    fail_input(
        "no validation pair is left: every line of {} or {} is empty, or longer than model.max_length ({} tokens)",
        recipe.data.valid_source, recipe.data.valid_target.empty() ? "its second column" : recipe.data.valid_target,
        recipe.model.max_length);
}

double TranslationValidator::mean_nll(const nn::Pass& pass) const {
  TranslationExamples examples(set_, *tokenizer_.begin_id(), {});
  double nll = 0;
  int64_t tokens = 0;
  each_batch(examples, [&](const data::TranslationBatch& batch) {
    const ops::OutputLoss loss =
        model_.loss(pass, states_of(model_, pass, batch), batch.target_out.ids, batch.target_in.rows(), {});
    nll += loss.nll_sum;
    tokens += loss.tokens;
  });
  return nll / static_cast<double>(std::max<int64_t>(1, tokens));
}

train::Validation TranslationValidator::validate(const nn::Parameters& parameters, const nn::WeightSet& weights) {
  const nn::Pass pass = {.parameters = parameters, .weights = weights, .random = {}};
  std::vector<std::vector<int32_t>> sources;
  std::vector<int32_t> domains;
  for (const data::TextPair& pair : pairs_) {
    domains.push_back(pair.domain);
    sources.push_back(tokenizer_.encode(pair.source));
    if (std::ssize(sources.back()) >= model_.config().max_length)
      sources.back().resize(static_cast<size_t>(model_.config().max_length - 1));
  }
  DecodeConfig decode = recipe_.decode;
  decode.beam = recipe_.decode.validation_beam;
  const auto options =
      beam_options(decode, *tokenizer_.begin_id(), *tokenizer_.end_id(), tokenizer_.pad_id().value_or(-1));
  const auto found =
      decode_sources(model_, pass, sources, options, decode.batch_tokens, decode.exit_threshold, domains);
  std::vector<std::string> hypotheses;
  std::vector<std::vector<std::string>> references(1);
  int64_t exact = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    hypotheses.push_back(tokenizer_.decode(found[i][0].tokens));
    references[0].push_back(pairs_[i].target);
    exact += hypotheses.back() == pairs_[i].target;
  }
  train::Validation result;
  result.loss = mean_nll(pass);
  result.score_name = recipe_.metric;
  result.score = recipe_.metric == "exact"
                     ? 100.0 * static_cast<double>(exact) / static_cast<double>(std::max<size_t>(1, found.size()))
                     : metrics::bleu(hypotheses, references).score;
  return result;
}

}  // namespace heddle::task
