#pragma once
// What is inspected: a model with one set of numbers, and the sentences that it reads.

#include <functional>
#include <string>
#include <vector>

#include "heddle/data/packed_batch.h"
#include "heddle/model/store.h"
#include "heddle/text/tokenizer.h"

namespace heddle::inspect {

struct Subject {
  const model::EncoderDecoder& model;
  const nn::Parameters& parameters;
  const nn::WeightSet& weights;

  explicit Subject(const model::LoadedModel& loaded)
      : model(loaded.model), parameters(loaded.parameters), weights(loaded.weights) {}
  Subject(const model::EncoderDecoder& some_model, const nn::Parameters& some_parameters,
          const nn::WeightSet& some_weights)
      : model(some_model), parameters(some_parameters), weights(some_weights) {}

  // Weights stay off the tape; no dropout.
  nn::Pass pass(nn::Probe* probe = nullptr) const {
    return {.parameters = parameters, .weights = weights, .random = {}, .frozen = true, .probe = probe};
  }
};

// Pairs of token ids, as training gives them: both sides end in the end token; without an encoder the sources are
// empty, and targets are texts, or questions with their answers.
struct Examples {
  int32_t begin_id = 0;
  std::vector<std::vector<int32_t>> source = {}, target = {};
  std::vector<int64_t> asked_from = {};  // the first token of each target that the model is asked for; empty: 0
  std::vector<int32_t> domain = {};      // of each; empty: none is known

  int64_t size() const { return std::ssize(target); }
  // Tokens asked for in all.
  int64_t asked() const;
  // Example i and those behind it, as many as fit into `tokens`, at least one; `end` is the next one's number.
  data::TranslationBatch batch(int64_t i, int64_t tokens, int64_t& end) const;
  // Example i alone.
  data::TranslationBatch one(int64_t i) const;
};

// Calls body(batch, number of its first example) over all examples.
void for_each_batch(const Examples& examples, const std::function<void(const data::TranslationBatch&, int64_t)>& body);

// Decoder states [target tokens, width] of a full pass, on the caller's tape or workspace.
Tensor states_of(const Subject& subject, const nn::Pass& pass, const data::TranslationBatch& batch);

struct Losses {
  double nll = 0;  // nats, summed over the tokens
  int64_t tokens = 0, correct = 0;
  double mean() const { return tokens > 0 ? nll / static_cast<double>(tokens) : 0; }
};
// A full pass in memory of its own, for what its probe sees and for its loss.
Losses run(const Subject& subject, const data::TranslationBatch& batch, nn::Probe* probe = nullptr);
Losses run(const Subject& subject, const Examples& examples, nn::Probe* probe = nullptr);

// Tokens as text on one line: ⏎ for a line end, ⇥ for a tab.
std::vector<std::string> token_labels(const text::Tokenizer& tokenizer, std::span<const int32_t> ids);

}  // namespace heddle::inspect
