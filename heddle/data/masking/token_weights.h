#pragma once
// How much each token matters: from counts over documents, rare tokens more than common ones, and tokens of this
// document more than those of all; from vectors, those nearest to what the text is about.

#include <cstdint>
#include <span>
#include <vector>

namespace heddle::data {

class TokenCounts {
 public:
  // The ids of one document. Throws InputError for a negative id.
  void add(std::span<const int32_t> document);

  int64_t documents() const { return documents_; }
  int64_t tokens() const { return tokens_; }

  // Frequency-aware: (count / tokens)^(−power) for each token; power 0 is even, 1/2 is word2vec's subsampling
  // (Mikolov et al. 2013). Unseen tokens count as seen once.
  std::vector<double> rarity(std::span<const int32_t> ids, double power) const;

  // TF-IDF: how often the token is in `ids` times ln((1 + documents) / (1 + documents with it)) + 1 (as scikit-learn
  // smooths it), over the length of `ids`.
  std::vector<double> tf_idf(std::span<const int32_t> ids) const;

 private:
  std::vector<int64_t> count_, in_documents_;  // by id
  std::vector<int64_t> seen_in_;               // the last document with the id, from 1
  int64_t documents_ = 0, tokens_ = 0;
};

// By vectors: how near the vector of each token lies to the mean of all tokens' vectors at unit length, as the cosine,
// at least 0 (Bennani-Smires et al. 2018 choose key phrases so). `vectors` is [tokens of the vocabulary, width]; a
// token with a row of zeros is as relevant as the others are on average. Throws InputError for a width below 1 and ids
// outside the rows.
std::vector<double> vector_relevance(std::span<const int32_t> ids, std::span<const float> vectors, int64_t width);

}  // namespace heddle::data
