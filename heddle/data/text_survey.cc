#include "heddle/data/text_survey.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace heddle::data {
namespace {

constexpr size_t kMostDistinct = 1000000;

int64_t count_words(std::string_view line, std::unordered_set<std::string_view>& distinct) {
  int64_t words = 0;
  for (size_t at = 0; at < line.size();) {
    const size_t end = std::min(line.find(' ', at), line.size());
    if (end > at) {
      ++words;
      if (distinct.size() < kMostDistinct) distinct.insert(line.substr(at, end - at));
    }
    at = end + 1;
  }
  return words;
}

SideSurvey survey_side(std::span<const TextPair> pairs, std::string TextPair::*side,
                       std::unordered_set<std::string_view>& distinct) {
  SideSurvey found;
  std::vector<int64_t> lengths;
  int64_t words = 0;
  for (const TextPair& pair : pairs) {
    lengths.push_back(std::ssize(pair.*side));
    found.bytes += lengths.back();
    words += count_words(pair.*side, distinct);
  }
  if (lengths.empty()) return found;
  found.mean_words = static_cast<double>(words) / static_cast<double>(lengths.size());
  std::ranges::sort(lengths);
  found.most_bytes = lengths.back();
  found.usual_most_bytes = lengths[(lengths.size() - 1) * 999 / 1000];
  return found;
}

}  // namespace

TextSurvey survey(std::span<const TextPair> pairs) {
  TextSurvey text;
  std::unordered_set<std::string_view> distinct;
  text.pairs = std::ssize(pairs);
  text.empty =
      std::ranges::count_if(pairs, [](const TextPair& pair) { return pair.source.empty() || pair.target.empty(); });
  text.source = survey_side(pairs, &TextPair::source, distinct);
  text.target = survey_side(pairs, &TextPair::target, distinct);
  text.distinct_words = std::ssize(distinct);
  for (std::string_view word : distinct) text.distinct_word_bytes += std::ssize(word);
  return text;
}

int64_t guess_vocabulary(const TextSurvey& text, int64_t least) {
  constexpr double kPieces = 6000, kBytes = 4e6;
  constexpr int64_t kMost = 32000, kStep = 100;
  const double bytes = static_cast<double>(text.source.bytes + text.target.bytes);
  const auto by_size = static_cast<int64_t>(kPieces * std::sqrt(bytes / kBytes)) / kStep * kStep;
  const int64_t by_words = least + text.distinct_word_bytes / 8;
  return std::clamp(std::min(by_size, by_words), least, kMost);
}

int64_t guess_token_limit(const SideSurvey& side) {
  constexpr int64_t kStep = 32, kMost = 1024;
  const int64_t tokens = side.usual_most_bytes / 2 + 1;
  return std::min((tokens + kStep - 1) / kStep * kStep, kMost);
}

}  // namespace heddle::data
