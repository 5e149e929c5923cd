// Neighbours against a sort of all cosines, combinations and embedding tables against their formulas.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "heddle/base/random.h"
#include "heddle/base/thread_loop.h"
#include "heddle/text/word_vectors/combine_vectors.h"
#include "heddle/text/word_vectors/initial_embeddings.h"
#include "heddle/text/word_vectors/nearest_words.h"
#include "tests/base/sentence.h"

namespace heddle::text {
namespace {

WordVectors made(const std::vector<std::string>& words, std::vector<float> values) {
  std::string pool;
  std::vector<WordVectors::Place> places;
  for (const std::string& word : words) {
    places.push_back({pool.size(), static_cast<uint32_t>(word.size())});
    pool += word;
  }
  const auto width = std::ssize(values) / std::ssize(words);
  return WordVectors(width, std::move(pool), std::move(places), std::move(values));
}

std::vector<float> vector_of(const WordVectors& vectors, const std::string& word) {
  std::vector<float> values(static_cast<size_t>(vectors.width()));
  vectors.copy(vectors.find(word), values);
  return values;
}

TEST(NearestWords, EqualsASortOfAllCosinesAtAnyThreadCount) {
  constexpr size_t kWords = 5000, kWidth = 11;
  RandomStream random(RandomKey{.seed = 9});
  std::vector<std::string> words;
  std::vector<float> values;
  for (size_t i = 0; i < kWords; ++i) {
    words.push_back("w" + std::to_string(i));
    // Few distinct vectors, so that there are ties; the first is zero.
    for (size_t j = 0; j < kWidth; ++j) values.push_back(i == 0 ? 0 : static_cast<float>(random.below(2)));
  }
  const WordVectors vectors = made(words, values);
  const auto query = vector_of(vectors, "w7");
  std::vector<std::pair<double, int64_t>> sorted;
  for (size_t i = 0; i < kWords; ++i) {
    double product = 0, squares = 0, of_query = 0;
    for (size_t j = 0; j < kWidth; ++j) {
      const double x = values[i * kWidth + j], y = query[j];
      product += x * y, squares += x * x, of_query += y * y;
    }
    const double norms = std::sqrt(of_query) * std::sqrt(squares);
    if (i != 7) sorted.emplace_back(norms > 0 ? -product / norms : 0, static_cast<int64_t>(i));
  }
  std::ranges::sort(sorted);
  const int threads = thread_count();
  for (const int count : {1, 2, 7}) {
    set_thread_count(count);
    const int64_t without = 7;
    const auto near = nearest_words(vectors, query, 50, {&without, 1});
    ASSERT_EQ(near.size(), 50U);
    for (size_t i = 0; i < near.size(); ++i) {
      EXPECT_EQ(near[i].row, sorted[i].second) << i;
      EXPECT_DOUBLE_EQ(near[i].cosine, -sorted[i].first);
    }
  }
  set_thread_count(threads);
}

TEST(NearestWords, GivesFewerWhereThereAreFewer) {
  const WordVectors vectors = made({"a", "b", "c"}, {3e38F, 3e38F, 3e38F, 3e38F, -1, -1});
  const auto near = nearest_words(vectors, std::vector<float>{1, 1}, 10);
  ASSERT_EQ(near.size(), 3U);
  EXPECT_NEAR(near[0].cosine, 1, 1e-12);  // products of such values overflow f32
  EXPECT_NEAR(near[2].cosine, -1, 1e-12);
  EXPECT_TRUE(nearest_words(vectors, std::vector<float>{1, 1}, 0).empty());
  EXPECT_TRUE(contains(sentence_of([&] { nearest_words(vectors, std::vector<float>{1}, 1); }), "1 values"));
}

TEST(CombineVectors, ScalesToUnitLengthThenJoinsOrAverages) {
  std::vector<WordVectors> sources;
  sources.push_back(made({"a", "b"}, {3, 4, 0, 0}));
  sources.push_back(made({"c", "a"}, {5, 0, 0, 2}));
  const WordVectors joined = combine_vectors(sources, Combination::concatenate);
  ASSERT_EQ(joined.size(), 3);
  EXPECT_EQ(joined.word(2), "c");
  EXPECT_EQ(vector_of(joined, "a"), (std::vector<float>{0.6F, 0.8F, 0, 1}));
  EXPECT_EQ(vector_of(joined, "b"), (std::vector<float>{0, 0, 0, 0}));
  EXPECT_EQ(vector_of(joined, "c"), (std::vector<float>{0, 0, 1, 0}));
  const WordVectors mean = combine_vectors(sources, Combination::average);
  EXPECT_FLOAT_EQ(vector_of(mean, "a")[0], 0.3F);
  EXPECT_FLOAT_EQ(vector_of(mean, "a")[1], 0.9F);
  EXPECT_EQ(vector_of(mean, "c"), (std::vector<float>{1, 0}));
  sources.push_back(made({"d"}, {1}));
  EXPECT_EQ(combine_vectors(sources, Combination::concatenate).width(), 5);
  EXPECT_TRUE(contains(sentence_of([&] { combine_vectors(sources, Combination::average); }), "widths 2 and 1"));
  EXPECT_TRUE(contains(sentence_of([&] { combine_vectors({}, Combination::average); }), "at least one"));
}

TEST(InitialEmbeddings, FoundRowsAreTheVectorsOthersHaveTheirSpread) {
  const WordVectors vectors = made({"a", "b"}, {2, -2, 2, 2});
  std::vector<std::string> tokens(4000, "?");
  tokens[1] = "b";
  tokens[3] = "a";
  const InitialEmbeddings initial = initial_embeddings(vectors, tokens, 5);
  EXPECT_EQ(initial.found, 2);
  ASSERT_EQ(initial.table.size(), 8000U);
  EXPECT_EQ(std::vector(initial.table.begin() + 2, initial.table.begin() + 4), (std::vector<float>{2, 2}));
  EXPECT_EQ(std::vector(initial.table.begin() + 6, initial.table.begin() + 8), (std::vector<float>{2, -2}));
  double sum = 0, squares = 0;
  for (const float x : initial.table) sum += x, squares += static_cast<double>(x) * x;
  EXPECT_NEAR(sum / 8000, 0, 5 * 2 / std::sqrt(8000));
  EXPECT_NEAR(squares / 8000, 4, 5 * 4 * std::sqrt(2.0 / 8000));
  EXPECT_EQ(initial_embeddings(vectors, tokens, 5).table, initial.table);
  EXPECT_NE(initial_embeddings(vectors, tokens, 6).table, initial.table);
  const std::vector<std::string> strangers = {"x", "y"};
  EXPECT_TRUE(contains(sentence_of([&] { initial_embeddings(vectors, strangers, 5); }), "none of the 2 tokens"));
}

}  // namespace
}  // namespace heddle::text
