#include "heddle/task/language_model.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace heddle::task {

QuestionTokens question_tokens(const data::TextPair& pair, const text::Tokenizer& tokenizer) {
  QuestionTokens tokens = {tokenizer.encode(pair.source, false)};
  tokens.ids.push_back(*tokenizer.end_id());
  tokens.asked_from = std::ssize(tokens.ids);
  const std::vector<int32_t> answer = tokenizer.encode(pair.target, false);
  tokens.ids.insert(tokens.ids.end(), answer.begin(), answer.end());
  tokens.ids.push_back(*tokenizer.end_id());
  return tokens;
}

data::LanguageSet encode_questions(std::span<const data::TextPair> pairs, const text::Tokenizer& tokenizer,
                                   int64_t longest, int64_t& left_out) {
  data::LanguageSet set;
  left_out = 0;
  for (const data::TextPair& pair : pairs) {
    const QuestionTokens tokens = question_tokens(pair, tokenizer);
    if (std::ssize(tokens.ids) > longest) ++left_out;
    else set.add(*tokenizer.begin_id(), tokens.ids, tokens.asked_from, pair.domain);
  }
  return set;
}

double LanguageScore::perplexity() const { return std::exp(nll / static_cast<double>(std::max<int64_t>(1, tokens))); }

double LanguageScore::bits_per_character(int64_t characters) const {
  return nll / std::numbers::ln2 / static_cast<double>(std::max<int64_t>(1, characters));
}

double LanguageScore::exact_percent() const {
  return 100.0 * static_cast<double>(exact) / static_cast<double>(std::max<int64_t>(1, sequences));
}

LanguageScore score_language(const model::EncoderDecoder& model, const nn::Pass& pass, const data::LanguageSet& set) {
  LanguageExamples examples(set);
  LanguageScore score;
  each_batch(examples, [&](const data::TranslationBatch& batch) {
    const Tensor states = states_of(model, pass, batch);
    const std::span<const int32_t> targets = batch.target_out.ids;
    for (int64_t s = 0; s < batch.target_out.sequences(); ++s) {
      const auto at = static_cast<size_t>(s);
      const int64_t end = batch.target_out.offsets[at + 1];
      int64_t begin = batch.target_out.offsets[at];
      while (begin < end && targets[static_cast<size_t>(begin)] < 0) ++begin;
      const ops::OutputLoss found =
          model.loss(pass, states.row_range(begin, end),
                     targets.subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin)), {}, {});
      score.nll += found.nll_sum;
      score.tokens += found.tokens;
      score.exact += found.correct == found.tokens;
      ++score.sequences;
    }
  });
  return score;
}

train::Validation LanguageValidator::validate(const nn::Parameters& parameters, const nn::WeightSet& weights) {
  const LanguageScore score =
      score_language(model_, {.parameters = parameters, .weights = weights, .random = {}}, set_);
  train::Validation result;
  result.loss = score.nll / static_cast<double>(std::max<int64_t>(1, score.tokens));
  result.lower_is_better = characters_ > 0;
  result.score_name = characters_ > 0 ? "bits per character" : "exact";
  result.score = characters_ > 0 ? score.bits_per_character(characters_) : score.exact_percent();
  return result;
}

}  // namespace heddle::task
