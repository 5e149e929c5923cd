#pragma once
// Language modelling as the trainer sees it: a decoder that reads a text and says what comes next, or reads a question
// and says its answer.

#include <memory>

#include "heddle/data/language_set.h"
#include "heddle/model/encoder_decoder.h"
#include "heddle/task/token_objective.h"
#include "heddle/text/tokenizer.h"

namespace heddle::task {

class LanguageExamples : public Examples {
 public:
  explicit LanguageExamples(const data::LanguageSet& set) : set_(set) {}
  std::vector<data::ExampleLength> open(int64_t) override { return set_.lengths(); }
  void append_to(data::TranslationBatch& batch, int32_t number) const override {
    set_.append_to(batch, number, number);
  }

 private:
  const data::LanguageSet& set_;
};

// Question, end token, answer, end token; asked for from the answer on.
struct QuestionTokens {
  std::vector<int32_t> ids;
  int64_t asked_from = 0;
};
QuestionTokens question_tokens(const data::TextPair& pair, const text::Tokenizer& tokenizer);
// Questions with their answers, each behind the begin token. Those of more than `longest` tokens are left out;
// `left_out` says how many.
data::LanguageSet encode_questions(std::span<const data::TextPair> pairs, const text::Tokenizer& tokenizer,
                                   int64_t longest, int64_t& left_out);

// What a model says of sequences.
struct LanguageScore {
  double nll = 0;      // nats, over all tokens asked for
  int64_t tokens = 0;  // asked for
  int64_t sequences = 0;
  int64_t exact = 0;  // sequences whose every token asked for is the most probable one: what greedy decoding says

  double perplexity() const;
  // Of a text with this many characters.
  double bits_per_character(int64_t characters) const;
  double exact_percent() const;
};

LanguageScore score_language(const model::EncoderDecoder& model, const nn::Pass& pass, const data::LanguageSet& set);

// By bits per character of a text, or with `characters` = 0 by the share of exactly right answers.
class LanguageValidator : public train::Validator {
 public:
  LanguageValidator(const model::EncoderDecoder& model, data::LanguageSet set, int64_t characters)
      : model_(model), set_(std::move(set)), characters_(characters) {}
  train::Validation validate(const nn::Parameters& parameters, const nn::WeightSet& weights) override;

 private:
  const model::EncoderDecoder& model_;
  data::LanguageSet set_;
  int64_t characters_;
};

}  // namespace heddle::task
