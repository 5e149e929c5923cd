#pragma once
// Goes on with a text, or writes what is missing between two, with a trained language model.

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/model/store.h"
#include "heddle/task/domains.h"
#include "heddle/text/tokenizer.h"

namespace heddle::task {

struct CompletionOptions {
  int64_t tokens = 100;    // of an answer, at most
  double temperature = 1;  // 0: always the most probable token
  int top_k = 0;           // of the most probable tokens; 0: all
  double top_p = 1;        // of the probability
  int samples = 1;
  uint64_t seed = 1;
};

struct Completion {
  std::string text;
  double log_probability = 0;  // natural, of its tokens
  bool ended = false;          // by itself, not by the limit of tokens
};

class Completer {
 public:
  // A folder that `heddle train` wrote. Throws InputError for one without a language model.
  static Completer load(const std::filesystem::path& folder);

  // What follows a text, or with a model of questions the answer to one. Of a text that is too long for the model, the
  // last tokens count, with a warning. `number` is that of the text among others: each draws for itself.
  std::vector<Completion> complete(std::string_view text, const CompletionOptions& options, uint64_t number = 0) const;
  // What stands between two texts. Throws InputError for a model that was not trained with data.infill, and for texts
  // that are too long for it.
  std::vector<Completion> infill(std::string_view before, std::string_view after, const CompletionOptions& options,
                                 uint64_t number = 0) const;

  // What is completed from now on is of this domain of its training; "": of none that is known. Throws InputError.
  void set_domain(std::string_view name) { domain_ = domain_number(recipe_, name); }
  int32_t domain() const { return domain_; }

  const text::Tokenizer& tokenizer() const { return tokenizer_; }
  const model::LoadedModel& model() const { return *model_; }
  // Whether it learned answers to questions, not texts.
  bool answers_questions() const { return recipe_.data.train_text.empty(); }

  // The most tokens that may stand before an answer of so many.
  int64_t longest_prompt(int64_t tokens) const;

 private:
  Completer(std::unique_ptr<model::LoadedModel> model, text::Tokenizer tokenizer, Recipe recipe)
      : model_(std::move(model)), tokenizer_(std::move(tokenizer)), recipe_(std::move(recipe)) {}
  std::vector<Completion> after(std::vector<int32_t> prompt, const CompletionOptions& options, uint64_t number) const;
  std::vector<int32_t> forbidden() const;

  std::unique_ptr<model::LoadedModel> model_;
  text::Tokenizer tokenizer_;
  Recipe recipe_;
  int32_t domain_ = kNoDomain;
};

}  // namespace heddle::task
