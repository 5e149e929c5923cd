#include "heddle/text/word_vectors/initial_embeddings.h"

#include <cmath>

#include "heddle/base/error.h"
#include "heddle/base/random.h"

namespace heddle::text {

InitialEmbeddings initial_embeddings(const WordVectors& vectors, std::span<const std::string> tokens, uint64_t seed) {
  const auto width = static_cast<size_t>(vectors.width());
  InitialEmbeddings initial;
  initial.table.resize(tokens.size() * width);
  std::vector<size_t> missing;
  double squares = 0;
  for (size_t token = 0; token < tokens.size(); ++token) {
    const int64_t row = vectors.find(tokens[token]);
    if (row < 0) {
      missing.push_back(token);
      continue;
    }
    const std::span<float> vector(initial.table.data() + token * width, width);
    vectors.copy(row, vector);
    for (const float x : vector) squares += static_cast<double>(x) * static_cast<double>(x);
    ++initial.found;
  }
  if (initial.found == 0)
    fail_input("none of the {} tokens has a word vector; are they of the same language, case and word markers?",
               tokens.size());
  const double deviation = std::sqrt(squares / static_cast<double>(initial.found * vectors.width()));
  for (const size_t token : missing) {
    RandomStream random(RandomKey{.seed = seed}.at("initial_embeddings"), token);
    for (size_t i = 0; i < width; ++i)
      initial.table[token * width + i] = static_cast<float>(deviation * random.normal());
  }
  return initial;
}

}  // namespace heddle::text
