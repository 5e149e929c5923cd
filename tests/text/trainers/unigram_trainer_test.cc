// Unigram training, each part against its definition on small words, the whole against SentencePiece's vocabulary
// (fixtures/trainers/make_trained.py).

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <numbers>

#include "heddle/base/file.h"
#include "heddle/base/random.h"
#include "heddle/base/thread_loop.h"
#include "heddle/text/trainers/substring_counts.h"
#include "heddle/text/trainers/unigram_em.h"
#include "heddle/text/trainers/unigram_trainer.h"
#include "tests/base/sentence.h"
#include "tests/places/places.h"

namespace heddle::text {
namespace {

using Json = nlohmann::json;

std::string random_word(RandomStream& random, uint64_t most, uint64_t letters) {
  std::string word;
  for (uint64_t i = 0; i <= random.below(most); ++i) {
    const uint64_t letter = random.below(letters);
    word += letter == 3 ? "é" : letter == 4 ? "è" : std::string(1, static_cast<char>('a' + letter));
  }
  return word;
}

std::vector<WordCount> random_words(RandomStream& random, int number) {
  std::map<std::string, int64_t> counts;
  for (int i = 0; i < number; ++i) counts[random_word(random, 8, 5)] += 1 + static_cast<int64_t>(random.below(4));
  std::vector<WordCount> words;
  for (const auto& [word, count] : counts) words.push_back({word, count});
  return words;
}

// Letters and random longer pieces, with random probabilities that sum to 1.
std::vector<UnigramPiece> random_pieces(RandomStream& random) {
  std::map<std::string, double> weights;
  for (const char* letter : {"a", "b", "c", "é", "è"}) weights[letter] = 0.1 + random.uniform();
  for (int i = 0; i < 15; ++i) weights[random_word(random, 4, 5)] = 0.1 + random.uniform();
  double sum = 0;
  for (const auto& [text, weight] : weights) sum += weight;
  std::vector<UnigramPiece> pieces;
  for (const auto& [text, weight] : weights) pieces.push_back({text, std::log(weight / sum)});
  return pieces;
}

// Every cut of `word`, as piece numbers.
void all_cuts(std::string_view word, const std::vector<UnigramPiece>& pieces, std::vector<int32_t>& so_far,
              std::vector<std::vector<int32_t>>& cuts) {
  if (word.empty()) cuts.push_back(so_far);
  for (size_t i = 0; i < pieces.size(); ++i) {
    if (word.empty() || !word.starts_with(pieces[i].text)) continue;
    so_far.push_back(static_cast<int32_t>(i));
    all_cuts(word.substr(pieces[i].text.size()), pieces, so_far, cuts);
    so_far.pop_back();
  }
}

double score_of(const std::vector<int32_t>& cut, const std::vector<UnigramPiece>& pieces) {
  double score = 0;
  for (const int32_t piece : cut) score += pieces[static_cast<size_t>(piece)].score;
  return score;
}

TEST(UnigramTrainer, ExpectationsAndBestCutsAreThoseOfAllCuts) {
  RandomStream random(RandomKey{.seed = 4});
  for (int trial = 0; trial < 20; ++trial) {
    const auto pieces = random_pieces(random);
    const auto words = random_words(random, 20);
    const ByteTrie trie = trie_of(pieces);
    PieceLattice lattice(pieces, trie);
    std::vector<double> counts(pieces.size());
    double log_likelihood = 0;
    for (const auto& [word, count] : words) {
      std::vector<std::vector<int32_t>> cuts;
      std::vector<int32_t> so_far;
      all_cuts(word, pieces, so_far, cuts);
      double sum = 0, best = -1e300;
      for (const auto& cut : cuts) {
        sum += std::exp(score_of(cut, pieces));
        best = std::max(best, score_of(cut, pieces));
      }
      for (const auto& cut : cuts)
        for (const int32_t piece : cut)
          counts[static_cast<size_t>(piece)] += static_cast<double>(count) * std::exp(score_of(cut, pieces)) / sum;
      log_likelihood += static_cast<double>(count) * std::log(sum);
      lattice.set(word);
      EXPECT_NEAR(score_of(lattice.best(), pieces), best, 1e-9) << word;
    }
    const Expectation expectation = WordLattices(words, pieces).expect(pieces);
    EXPECT_NEAR(expectation.log_likelihood, log_likelihood, 0.01);
    for (size_t i = 0; i < pieces.size(); ++i) EXPECT_NEAR(expectation.counts[i], counts[i], 1e-5) << pieces[i].text;
  }
}

TEST(UnigramTrainer, WordsThatCannotBeCutAreLeftOut) {
  const std::vector<UnigramPiece> pieces = {{"a", std::log(0.5)}, {"ab", std::log(0.5)}};
  const std::vector<WordCount> words = {{"aab", 2}, {"ba", 7}, {"az", 1}};
  const Expectation expectation = WordLattices(words, pieces).expect(pieces);
  EXPECT_EQ(expectation.counts, (std::vector<double>{2, 2}));
  EXPECT_NEAR(expectation.log_likelihood, 2 * std::log(0.25), 1e-4);
  const ByteTrie trie = trie_of(pieces);
  PieceLattice lattice(pieces, trie);
  lattice.set("ba");
  EXPECT_TRUE(lattice.best().empty());
  lattice.set("ab", 1);
  EXPECT_TRUE(lattice.best().empty());
}

// Dropping pieces from lattices is the same as making them anew.
TEST(UnigramTrainer, RenumberedLatticesAreThoseOfThePiecesLeft) {
  RandomStream random(RandomKey{.seed = 5});
  for (int trial = 0; trial < 20; ++trial) {
    const auto all = random_pieces(random);
    const auto words = random_words(random, 3000);  // more than a block of them
    WordLattices lattices(words, all);
    std::vector<UnigramPiece> left;
    std::vector<int32_t> numbers;
    for (const UnigramPiece& piece : all) {
      numbers.push_back(is_character(piece.text) || random.below(2) == 0 ? static_cast<int32_t>(left.size()) : -1);
      if (numbers.back() >= 0) left.push_back(piece);
    }
    lattices.renumber(numbers);
    const WordLattices anew(words, left);
    EXPECT_EQ(lattices.expect(left).counts, anew.expect(left).counts);
    EXPECT_EQ(lattices.count_best(left), anew.count_best(left));
  }
}

// Products of probabilities that no double holds.
TEST(UnigramTrainer, LongWordsOfImprobablePiecesCountToo) {
  const std::vector<UnigramPiece> pieces = {{"a", 0}, {"b", -60}, {"bb", -125}};
  const std::vector<WordCount> words = {{std::string(2000, 'b'), 1}};
  const Expectation expectation = WordLattices(words, pieces).expect(pieces);
  EXPECT_NEAR(expectation.counts[1] + 2 * expectation.counts[2], 2000, 0.01);
  EXPECT_NEAR(expectation.counts[2], 2000 * std::exp(-5.0), 1);  // about: of each two the pair, by e^-5
  EXPECT_NEAR(expectation.log_likelihood, -60.0 * 2000 + 2000 * std::exp(-5.0), 1);
}

TEST(UnigramTrainer, SubstringsAreThoseThatNoEquallyFrequentOneContinues) {
  RandomStream random(RandomKey{.seed = 8});
  constexpr int64_t kLongest = 4;
  for (int trial = 0; trial < 30; ++trial) {
    const auto words = random_words(random, 1 + trial);
    std::map<std::vector<std::string>, int64_t> counts;  // of characters
    for (const auto& [word, count] : words) {
      std::vector<std::string> characters;
      for (const char byte : word) {
        if ((byte & 0xC0) != 0x80) characters.emplace_back();
        characters.back() += byte;
      }
      for (size_t i = 0; i < characters.size(); ++i)
        for (size_t j = i + 1; j <= std::min(characters.size(), i + kLongest); ++j)
          counts[{characters.begin() + static_cast<int64_t>(i), characters.begin() + static_cast<int64_t>(j)}] += count;
    }
    std::map<std::string, int64_t> expected, found;
    for (const auto& [characters, count] : counts) {
      bool continued = false;
      for (const char* next : {"a", "b", "c", "é", "è"}) {
        auto longer = characters;
        longer.emplace_back(next);
        const auto other = counts.find(longer);
        continued = continued || (other != counts.end() && other->second == count);
      }
      std::string text;
      for (const std::string& character : characters) text += character;
      if (characters.size() >= 2 && count >= 2 && !continued) expected[text] = count;
    }
    double before = 1e300;
    for (const SubstringCount& substring : frequent_substrings(words, kLongest, 1'000'000)) {
      EXPECT_TRUE(found.emplace(substring.text, substring.count).second);
      const double score = static_cast<double>(substring.count * substring.characters);
      EXPECT_LE(score, before);
      before = score;
    }
    EXPECT_EQ(found, expected) << trial;
    const auto all = frequent_substrings(words, kLongest, 1'000'000), best = frequent_substrings(words, kLongest, 3);
    ASSERT_EQ(best.size(), std::min<size_t>(all.size(), 3));
    for (size_t i = 0; i < best.size(); ++i) EXPECT_EQ(best[i].text, all[i].text);
  }
}

TEST(UnigramTrainer, DigammaHasItsKnownValues) {
  constexpr double kEuler = std::numbers::egamma;
  EXPECT_NEAR(digamma(1), -kEuler, 1e-9);
  EXPECT_NEAR(digamma(0.5), -kEuler - 2 * std::numbers::ln2, 1e-9);
  EXPECT_NEAR(digamma(4), 1 + 1.0 / 2 + 1.0 / 3 - kEuler, 1e-9);
  for (const double x : {0.01, 0.7, 3.3, 40.0}) EXPECT_NEAR(digamma(x + 1) - digamma(x), 1 / x, 1e-8);
}

TEST(UnigramTrainer, MaximizingDropsRarePiecesButNoCharacters) {
  std::vector<UnigramPiece> pieces = {{"a", 0}, {"bc", 0}, {"é", 0}, {"de", 0}};
  EXPECT_EQ(maximize(pieces, std::vector<double>{10, 0.4, 0, 3}), (std::vector<int32_t>{0, -1, 1, 2}));
  ASSERT_EQ(pieces.size(), 3U);
  EXPECT_EQ(pieces[1].text, "é");
  EXPECT_NEAR(pieces[0].score, digamma(10) - digamma(13.5), 1e-12);
  EXPECT_NEAR(pieces[1].score, digamma(0.5) - digamma(13.5), 1e-12);
}

// The loss of a piece by its definition: likelihood of the best cuts with the piece's places given to its parts.
TEST(UnigramTrainer, PruningKeepsWhatWouldBeMissedMost) {
  const std::vector<WordCount> words = {{"abab", 50}, {"cdx", 3}, {"ab", 30}, {"x", 5}};
  std::vector<UnigramPiece> pieces;
  for (const char* text : {"a", "b", "c", "d", "x", "ab", "cd", "abab", "cdx", "bx"}) pieces.push_back({text, -3});
  const auto texts = [&](int64_t most) {
    std::vector<std::string> kept;
    std::vector<UnigramPiece> pruned = pieces;
    const std::vector<int32_t> numbers = prune(WordLattices(words, pieces), pruned, most);
    for (size_t i = 0; i < pieces.size(); ++i)
      if (numbers[i] >= 0) {
        EXPECT_EQ(pruned[static_cast<size_t>(numbers[i])].text, pieces[i].text);
      }
    for (const UnigramPiece& piece : pruned)
      if (!is_character(piece.text)) kept.push_back(piece.text);
    return kept;
  };
  EXPECT_EQ(texts(6), (std::vector<std::string>{"ab"}));
  EXPECT_EQ(texts(7), (std::vector<std::string>{"ab", "abab"}));
  EXPECT_EQ(texts(100), (std::vector<std::string>{"ab", "abab", "cdx"}));  // the others stand in no best cut
  EXPECT_TRUE(texts(0).empty());
}

// More substrings than are held at once while the best are looked for.
TEST(UnigramTrainer, TheBestOfManySubstringsAreThoseOfAll) {
  RandomStream random(RandomKey{.seed = 13});
  const auto words = random_words(random, 20000);
  const auto all = frequent_substrings(words, 8, 1'000'000), best = frequent_substrings(words, 8, 100);
  ASSERT_GT(all.size(), 3000U);
  ASSERT_EQ(best.size(), 100U);
  for (size_t i = 0; i < best.size(); ++i) EXPECT_EQ(best[i].text, all[i].text);
}

Json fixture() { return Json::parse(read_file(source_path("tests/text/fixtures/trainers/trained.json"), 1 << 24)); }

std::vector<WordCount> words_of(const Json& counts) {
  std::vector<WordCount> words;
  for (const auto& [word, count] : counts.items()) words.push_back({word, count.get<int64_t>()});
  return words;
}

// Of a vocabulary whose scores are made probabilities first.
double log_likelihood(const std::vector<WordCount>& words, std::vector<UnigramPiece> pieces) {
  double sum = 0;
  for (const UnigramPiece& piece : pieces) sum += std::exp(piece.score);
  for (UnigramPiece& piece : pieces) piece.score -= std::log(sum);
  return WordLattices(words, pieces).expect(pieces).log_likelihood;
}

TEST(UnigramTrainer, VocabulariesFitTheWordsAsWellAsSentencePieces) {
  const Json answers = fixture();
  const auto words = words_of(answers["words"]);
  ASSERT_EQ(answers["unigram"].size(), 3U);
  for (const Json& answer : answers["unigram"]) {
    std::vector<UnigramPiece> peer;
    for (const Json& piece : answer) peer.push_back({piece[0], piece[1]});
    UnigramTrainerOptions options;
    options.vocab_size = std::ssize(peer);
    options.alphabet.coverage = 1;
    const auto ours = train_unigram(words, options);
    EXPECT_EQ(ours.size(), peer.size());
    EXPECT_GE(log_likelihood(words, ours), 1.002 * log_likelihood(words, peer)) << peer.size();  // both are negative
  }
}

TEST(UnigramTrainer, IsTheSameAtAnyThreadCount) {
  const auto words = words_of(fixture()["words"]);
  UnigramTrainerOptions options;
  options.vocab_size = 150;
  options.special_tokens = {"<unk>", "<s>"};
  std::vector<UnigramPiece> first;
  const int threads = thread_count();
  for (const int count : {1, 2, 5}) {
    set_thread_count(count);
    const auto pieces = train_unigram(words, options);
    if (first.empty()) first = pieces;
    ASSERT_EQ(pieces.size(), 150U);
    EXPECT_EQ(pieces[1].text, "<s>");
    EXPECT_EQ(pieces[1].score, 0);
    for (size_t i = 0; i < pieces.size(); ++i) {
      EXPECT_EQ(pieces[i].text, first[i].text);
      EXPECT_EQ(pieces[i].score, first[i].score);
      if (i > 2) {
        EXPECT_LE(pieces[i].score, pieces[i - 1].score);
      }
    }
  }
  set_thread_count(threads);
}

TEST(UnigramTrainer, WordsAreCutAtCharactersOutsideTheAlphabet) {
  std::vector<WordCount> words = {{"abzab", 500}};
  words.push_back({"ab", 500});
  UnigramTrainerOptions options;
  options.alphabet.coverage = 0.7;  // a and b
  options.vocab_size = 3;
  const auto pieces = train_unigram(words, options);
  ASSERT_EQ(pieces.size(), 3U);
  EXPECT_EQ(pieces[0].text, "ab");
}

TEST(UnigramTrainer, WhatCannotBeLearnedIsASentence) {
  const std::vector<WordCount> none, some = {{"ab", 3}};
  const auto sentence = [](const std::vector<WordCount>& words, auto&& change) {
    UnigramTrainerOptions options;
    change(options);
    return sentence_of([&] { train_unigram(words, options); });
  };
  EXPECT_TRUE(contains(sentence(none, [](auto&) {}), "is empty"));
  EXPECT_TRUE(contains(sentence(some, [](auto& o) { o.vocab_size = 1; }), "at least 2"));
  EXPECT_TRUE(contains(sentence(some, [](auto& o) { o.kept_share = 1; }), "kept_share = 1"));
  EXPECT_TRUE(contains(sentence(some, [](auto& o) { o.rounds = 0; }), "rounds = 0"));
  EXPECT_TRUE(contains(sentence(some, [](auto& o) { o.longest_piece = 0; }), "longest_piece = 0"));
  EXPECT_TRUE(contains(sentence(some, [](auto& o) { o.alphabet.coverage = 2; }), "coverage is 2"));
}

}  // namespace
}  // namespace heddle::text
