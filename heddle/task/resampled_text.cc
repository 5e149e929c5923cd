#include "heddle/task/resampled_text.h"

#include <algorithm>

#include "heddle/base/error.h"
#include "heddle/base/random.h"
#include "heddle/base/thread_loop.h"

namespace heddle::task {

ResampledText::ResampledText(std::span<const data::TextPair> pairs, const data::TranslationSet& set,
                             const text::Tokenizer& tokenizer, const TextConfig& config, data::LengthLimits limits,
                             uint64_t seed)
    : pairs_(pairs),
      set_(set),
      tokenizer_(tokenizer),
      how_{.dropout = config.dropout, .alpha = config.alpha, .nbest = config.nbest},
      source_(config.sides != "target"),
      target_(config.sides != "source"),
      limits_(limits),
      seed_(seed) {}

data::TranslationSet ResampledText::epoch(int64_t epoch) const {
  constexpr int64_t kBlock = 1 << 14;  // pairs held twice for a moment
  const RandomKey key = RandomKey{.seed = seed_, .step = static_cast<uint64_t>(epoch)}.at("text.dropout");
  data::TranslationSet drawn;
  std::vector<std::vector<int32_t>> sources, targets;
  for (int64_t first = 0; first < set_.size(); first += kBlock) {
    const int64_t count = std::min(kBlock, set_.size() - first);
    sources.assign(static_cast<size_t>(count), {});
    targets.assign(static_cast<size_t>(count), {});
    parallel_for(count, 16, [&](int64_t begin, int64_t end, int) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t example = first + i;
        const data::TextPair& pair = pairs_[static_cast<size_t>(example)];
        const auto side = [&](const std::string& text, uint64_t stream, int64_t longest) {
          RandomStream random(key, 2 * static_cast<uint64_t>(example) + stream);
          std::vector<int32_t> ids = tokenizer_.sample(text, how_, random);
          if (std::ssize(ids) > longest) ids.clear();
          return ids;
        };
        if (source_) sources[static_cast<size_t>(i)] = side(pair.source, 0, limits_.max_source_tokens);
        if (target_) targets[static_cast<size_t>(i)] = side(pair.target, 1, limits_.max_target_tokens);
      }
    });
    for (int64_t i = 0; i < count; ++i) {
      const auto or_usual = [](const std::vector<int32_t>& ids, std::span<const int32_t> usual) {
        return ids.empty() ? usual : std::span<const int32_t>(ids);
      };
      drawn.add(or_usual(sources[static_cast<size_t>(i)], set_.source(first + i)),
                or_usual(targets[static_cast<size_t>(i)], set_.target(first + i)), set_.domain(first + i));
    }
  }
  return drawn;
}

}  // namespace heddle::task
