#include "heddle/nn/attention/additive.h"
#include "heddle/nn/attention/bilinear.h"
#include "heddle/nn/attention/cosine.h"
#include "heddle/nn/attention/dot.h"
#include "heddle/nn/attention/scaled_dot.h"
#include "heddle/nn/attention/score.h"
#include "heddle/nn/attention/temperature.h"

namespace heddle::nn {
namespace attentions {
namespace {

template <class T>
constexpr ScoreEntry score_entry() {
  return {T::kIdea, [](int64_t head_width) { return T::scale(head_width); },
          [](const Place& place, const AttentionConfig& config) -> std::unique_ptr<Score> {
            return std::make_unique<T>(place, config);
          }};
}

constexpr ScoreEntry kScores[] = {
    score_entry<ScaledDot>(), score_entry<Dot>(),      score_entry<Temperature>(),
    score_entry<Cosine>(),    score_entry<Bilinear>(), score_entry<Additive>(),
};

}  // namespace

std::span<const ScoreEntry> all_scores() { return kScores; }

const ScoreEntry& find_score(std::string_view name) { return entry_of(all_scores(), "model.attention.score", name); }

}  // namespace attentions

double AttentionConfig::scale() const { return attentions::find_score(score).scale(of_head()); }

}  // namespace heddle::nn
