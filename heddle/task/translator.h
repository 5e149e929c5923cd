#pragma once
// Translates text with a trained model.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "heddle/decode/beam_search.h"
#include "heddle/model/store.h"
#include "heddle/task/domains.h"
#include "heddle/text/tokenizer.h"

namespace heddle::task {

struct Translation {
  std::string text;
  double score = 0;
};

// Decodes source ids with any model and weights; one list of hypotheses per source, best first. Sources are
// batched by length within `batch_tokens`; an answer never depends on its batch. `domains`: of each source, or nothing.
std::vector<std::vector<decode::Hypothesis>> decode_sources(const model::EncoderDecoder& model, const nn::Pass& pass,
                                                            const std::vector<std::vector<int32_t>>& sources,
                                                            const decode::BeamOptions& options, int64_t batch_tokens,
                                                            double exit_threshold = 0,
                                                            std::span<const int32_t> domains = {});

class Translator {
 public:
  // A folder that `heddle train` wrote.
  static Translator load(const std::filesystem::path& folder);

  std::string translate(const std::string& line) const;
  // The n best of every line, best first. Empty lines give one empty answer.
  std::vector<std::vector<Translation>> translate(const std::vector<std::string>& lines) const;

  // What is translated from now on is of this domain of its training; "": of none that is known. Throws InputError.
  void set_domain(std::string_view name) { domain_ = domain_number(recipe_, name); }
  int32_t domain() const { return domain_; }

  DecodeConfig& options() { return recipe_.decode; }
  int nbest = 1;
  const text::Tokenizer& tokenizer() const { return tokenizer_; }
  const model::LoadedModel& model() const { return *model_; }
  // The most source tokens that the model can read; longer lines are cut there.
  int64_t longest_source() const { return model_->model.config().max_length - 1; }
  // Whether the last call cut a line, by its index.
  const std::vector<int64_t>& cut_lines() const { return cut_lines_; }

 private:
  Translator(std::unique_ptr<model::LoadedModel> model, text::Tokenizer tokenizer);

  std::unique_ptr<model::LoadedModel> model_;
  text::Tokenizer tokenizer_;
  Recipe recipe_;  // the run's own says how its model decodes best
  int32_t domain_ = kNoDomain;
  mutable std::vector<int64_t> cut_lines_;
};

}  // namespace heddle::task
