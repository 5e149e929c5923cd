#include "heddle/decode/sampling.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "heddle/base/error.h"

namespace heddle::decode {

TokenSampler::TokenSampler(double temperature, int top_k, double top_p)
    : temperature_(temperature), top_k_(static_cast<size_t>(std::max(top_k, 0))), top_p_(top_p) {
  if (!(temperature > 0))
    fail_input("a temperature of {} is not above 0; for greedy search use a beam of 1", temperature);
  if (top_k < 0) fail_input("top_k = {} must be 0 (all tokens) or more", top_k);
  if (!(top_p > 0 && top_p <= 1)) fail_input("top_p = {} must lie above 0 and at most at 1", top_p);
}

std::optional<int32_t> TokenSampler::draw(std::span<const float> log_probabilities, RandomStream& random) {
  collect(log_probabilities);
  if (choices_.empty()) return std::nullopt;
  double left = random.uniform() * weigh();
  for (const Choice& choice : choices_)
    if ((left -= choice.weight) < 0) return choice.token;
  // Only rounding leads here. The most probable token surely has a weight.
  return std::ranges::max_element(choices_, {}, &Choice::weight)->token;
}

// The tokens that top_k leaves; best first where an order is needed. Ties go to the lower token.
void TokenSampler::collect(std::span<const float> log_probabilities) {
  choices_.clear();
  for (size_t token = 0; token < log_probabilities.size(); ++token) {
    const auto log_probability = static_cast<double>(log_probabilities[token]);
    if (log_probability >= std::numeric_limits<double>::lowest())
      choices_.push_back({log_probability / temperature_, static_cast<int32_t>(token)});
  }
  const auto better = [](const Choice& a, const Choice& b) {
    return a.weight != b.weight ? a.weight > b.weight : a.token < b.token;
  };
  const bool cuts = top_k_ > 0 && top_k_ < choices_.size();
  const auto end = cuts ? choices_.begin() + static_cast<std::ptrdiff_t>(top_k_) : choices_.end();
  if (cuts || top_p_ < 1) std::ranges::partial_sort(choices_.begin(), end, choices_.end(), better);
  choices_.erase(end, choices_.end());
}

// Turns logarithms into weights, cuts at top_p, and returns the sum of what is left.
double TokenSampler::weigh() {
  const double largest = std::ranges::max_element(choices_, {}, &Choice::weight)->weight;
  double total = 0;
  for (Choice& choice : choices_) total += choice.weight = std::exp(choice.weight - largest);
  if (top_p_ == 1) return total;
  double nucleus = 0;
  size_t size = 0;
  while (size < choices_.size() && nucleus < top_p_ * total) nucleus += choices_[size++].weight;
  choices_.resize(size);
  return nucleus;
}

namespace {

// One answer being drawn.
struct Drawing {
  int32_t sequence;
  int64_t longest;
  int32_t row;  // in the last step
  RandomStream random;
  Hypothesis* answer;
  bool done;
};

class Sampling {
 public:
  Sampling(StepModel& model, const SamplingOptions& options)
      : model_(model),
        options_(options),
        processors_(score_chain(options)),
        sampler_(options.temperature, options.top_k, options.top_p) {
    check(options, model);
    if (options.samples < 1)
      fail_input("at least one sample is drawn for each input, got samples = {}", options.samples);
  }

  std::vector<std::vector<Hypothesis>> run(const RandomKey& key, std::span<const uint64_t> examples) {
    std::vector<std::vector<Hypothesis>> answers(examples.size(),
                                                 std::vector<Hypothesis>(static_cast<size_t>(options_.samples)));
    start(key, examples, answers);
    while (!drawings_.empty()) {
      gather_rows();
      log_probabilities_ = model_.step(rows_);
      process_rows();
      for (Drawing& drawing : drawings_) draw(drawing);
      std::erase_if(drawings_, [](const Drawing& drawing) { return drawing.done; });
    }
    return answers;
  }

 private:
  void start(const RandomKey& key, std::span<const uint64_t> examples, std::vector<std::vector<Hypothesis>>& answers) {
    for (size_t s = 0; s < examples.size(); ++s) {
      const int64_t longest = longest_answer(options_, model_, static_cast<int64_t>(s));
      for (size_t k = 0; k < answers[s].size(); ++k) {
        const RandomKey repetition = {key.seed, key.step, key.pass + k, key.site};
        drawings_.push_back(
            {static_cast<int32_t>(s), longest, -1, RandomStream(repetition, examples[s]), &answers[s][k], false});
      }
    }
  }

  // One row for each drawing; in the first step the samples of a sequence share theirs.
  void gather_rows() {
    rows_.clear();
    for (Drawing& drawing : drawings_) {
      const std::vector<int32_t>& tokens = drawing.answer->tokens;
      const bool shared = tokens.empty() && !rows_.empty() && rows_.back().sequence == drawing.sequence;
      if (!shared)
        rows_.push_back({drawing.row, tokens.empty() ? options_.start_token : tokens.back(), drawing.sequence});
      drawing.row = static_cast<int32_t>(rows_.size()) - 1;
    }
  }

  void process_rows() {
    int32_t last = -1;
    for (const Drawing& drawing : drawings_) {
      if (drawing.row != last) apply(processors_, drawing.answer->tokens, row_of(drawing));
      last = drawing.row;
    }
  }

  void draw(Drawing& drawing) {
    const std::span<const float> row = row_of(drawing);
    const std::optional<int32_t> token = sampler_.draw(row, drawing.random);
    Hypothesis& answer = *drawing.answer;
    if (token) {
      answer.tokens.push_back(*token);
      answer.log_probability += static_cast<double>(row[static_cast<size_t>(*token)]);
      answer.score = answer.log_probability;
      answer.finished = *token == options_.end_token;
    }
    drawing.done = !token || answer.finished || std::ssize(answer.tokens) >= drawing.longest;
  }

  std::span<float> row_of(const Drawing& drawing) {
    const auto vocab = static_cast<size_t>(model_.vocab_size());
    return {log_probabilities_.data() + static_cast<size_t>(drawing.row) * vocab, vocab};
  }

  StepModel& model_;
  const SamplingOptions& options_;
  const std::vector<ScoreProcessor> processors_;
  TokenSampler sampler_;
  std::vector<Drawing> drawings_;
  std::vector<StepModel::Row> rows_;
  std::span<float> log_probabilities_;  // [rows, vocab]
};

}  // namespace

std::vector<std::vector<Hypothesis>> sample(StepModel& model, const SamplingOptions& options, const RandomKey& key,
                                            std::span<const uint64_t> examples) {
  if (std::ssize(examples) != model.sequences())
    fail_input("sampling {} sequences needs a number for each, got {}", model.sequences(), examples.size());
  return Sampling(model, options).run(key, examples);
}

}  // namespace heddle::decode
