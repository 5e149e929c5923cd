#include "heddle/text/word_vectors/combine_vectors.h"

#include <cmath>

#include "heddle/base/error.h"

namespace heddle::text {
namespace {

int64_t combined_width(std::span<const WordVectors> sources, Combination how) {
  int64_t sum = 0;
  for (const WordVectors& source : sources) {
    if (how == Combination::average && source.width() != sources[0].width())
      fail_input("vectors of widths {} and {} have no average; concatenate them", sources[0].width(), source.width());
    sum += source.width();
  }
  return how == Combination::average ? sources[0].width() : sum;
}

void add_scaled(std::span<const float> vector, double scale, float* to) {
  for (size_t i = 0; i < vector.size(); ++i) to[i] += static_cast<float>(scale * static_cast<double>(vector[i]));
}

double length(std::span<const float> vector) {
  double sum = 0;
  for (const float x : vector) sum += static_cast<double>(x) * static_cast<double>(x);
  return std::sqrt(sum);
}

// The combined vector of one word; to: zeros.
void combine_word(std::span<const WordVectors> sources, Combination how, std::string_view word, float* to) {
  std::vector<int64_t> rows;
  int64_t having = 0;
  for (const WordVectors& source : sources) having += rows.emplace_back(source.find(word)) >= 0;
  std::vector<float> vector;
  for (size_t s = 0; s < sources.size(); ++s) {
    if (rows[s] >= 0) {
      vector.resize(static_cast<size_t>(sources[s].width()));
      sources[s].copy(rows[s], vector);
      const double norm = length(vector) * (how == Combination::average ? static_cast<double>(having) : 1.0);
      if (norm > 0) add_scaled(vector, 1 / norm, to);
    }
    if (how == Combination::concatenate) to += sources[s].width();
  }
}

}  // namespace

WordVectors combine_vectors(std::span<const WordVectors> sources, Combination how) {
  if (sources.empty()) fail_input("no word vectors to combine; give at least one file");
  const int64_t width = combined_width(sources, how);
  std::string pool;
  std::vector<WordVectors::Place> words;
  for (size_t s = 0; s < sources.size(); ++s)
    for (int64_t row = 0; row < sources[s].size(); ++row) {
      const std::string_view word = sources[s].word(row);
      bool earlier = false;
      for (size_t e = 0; e < s && !earlier; ++e) earlier = sources[e].find(word) >= 0;
      if (earlier) continue;
      words.push_back({pool.size(), static_cast<uint32_t>(word.size())});
      pool += word;
    }
  std::vector<float> values(words.size() * static_cast<size_t>(width));
  for (size_t i = 0; i < words.size(); ++i)
    combine_word(sources, how, std::string_view(pool).substr(words[i].at, words[i].length),
                 values.data() + i * static_cast<size_t>(width));
  return WordVectors(width, std::move(pool), std::move(words), std::move(values));
}

}  // namespace heddle::text
