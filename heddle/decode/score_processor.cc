#include "heddle/decode/score_processor.h"

#include <algorithm>
#include <limits>

#include "heddle/base/error.h"

namespace heddle::decode {
namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();

}  // namespace

ScoreProcessor forbid_tokens(std::vector<int32_t> tokens) {
  return [tokens = std::move(tokens)](std::span<const int32_t>, std::span<float> log_probabilities) {
    for (int32_t token : tokens)
      if (token >= 0 && token < std::ssize(log_probabilities)) log_probabilities[static_cast<size_t>(token)] = kNever;
  };
}

ScoreProcessor minimum_length(int64_t length, int32_t end_token) {
  return [length, end_token](std::span<const int32_t> so_far, std::span<float> log_probabilities) {
    const bool known = end_token >= 0 && end_token < std::ssize(log_probabilities);
    if (known && std::ssize(so_far) < length) log_probabilities[static_cast<size_t>(end_token)] = kNever;
  };
}

ScoreProcessor repetition_penalty(double factor) {
  if (!(factor >= 1)) fail_input("a repetition penalty of {} would reward repetition; it must be at least 1", factor);
  return [factor = static_cast<float>(factor)](std::span<const int32_t> so_far, std::span<float> log_probabilities) {
    for (size_t i = 0; i < so_far.size(); ++i) {
      const std::span<const int32_t> before = so_far.first(i);
      const bool first = std::ranges::find(before, so_far[i]) == before.end();
      if (first) log_probabilities[static_cast<size_t>(so_far[i])] *= factor;
    }
  };
}

ScoreProcessor no_repeat_ngram(int size) {
  if (size < 1) fail_input("an n-gram has at least one token, got a size of {}", size);
  return
      [history = static_cast<size_t>(size) - 1](std::span<const int32_t> so_far, std::span<float> log_probabilities) {
    if (so_far.size() <= history) return;
    const std::span<const int32_t> now = so_far.last(history);
    for (size_t i = 0; i + history < so_far.size(); ++i)
      if (std::ranges::equal(so_far.subspan(i, history), now))
        log_probabilities[static_cast<size_t>(so_far[i + history])] = kNever;
      };
}

void apply(std::span<const ScoreProcessor> chain, std::span<const int32_t> so_far, std::span<float> log_probabilities) {
  for (const ScoreProcessor& processor : chain) processor(so_far, log_probabilities);
}

}  // namespace heddle::decode
