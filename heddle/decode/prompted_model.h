#pragma once
// A model that has read a prompt: decoding over it says what follows.

#include <span>
#include <utility>
#include <vector>

#include "heddle/base/error.h"
#include "heddle/decode/step_model.h"

namespace heddle::decode {

class PromptedModel : public StepModel {
 public:
  // `model` knows one input sequence. The prompt is read after the start token, one token a step, when a search begins.
  PromptedModel(StepModel& model, std::vector<int32_t> prompt) : model_(model), prompt_(std::move(prompt)) {
    HEDDLE_CHECK(model.sequences() == 1, "a prompt is for one sequence, not for {}", model.sequences());
  }

  int32_t vocab_size() const override { return model_.vocab_size(); }
  int64_t sequences() const override { return 1; }
  int64_t source_length(int64_t sequence) const override { return model_.source_length(sequence); }
  int64_t max_steps() const override { return model_.max_steps() - std::ssize(prompt_); }

  std::span<float> step(std::span<const Row> rows) override {
    std::span<float> next = model_.step(rows);
    if (rows.empty() || rows.front().parent >= 0) return next;
    for (const int32_t token : prompt_) {
      const Row row = {.parent = 0, .token = token, .sequence = 0};
      next = model_.step({&row, 1});
    }
    return next;
  }

 private:
  StepModel& model_;
  std::vector<int32_t> prompt_;
};

}  // namespace heddle::decode
