#pragma once
// Joins the best pair of neighbouring symbols, again and again: what BPE and WordPiece share.

#include <cstdint>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace heddle::text {

enum class PairScore {
  frequency,   // of the pair
  likelihood,  // frequency(pair) / (frequency(left) · frequency(right)): how much a join lifts the likelihood of the
               // text under independent symbols (Schuster and Nakajima 2012)
};

class PairLearner {
 public:
  struct Word {
    std::vector<int32_t> symbols;  // ids
    int64_t count;
  };

  // tokens: texts of the ids so far. prefix: what a right part loses when it is joined ("##"), where it has it.
  PairLearner(std::vector<Word> words, std::vector<std::string> tokens, std::string prefix, PairScore score);

  // Until there are `vocab_size` tokens, or no pair with at least `min_frequency` is left. Ties go to the pair of lower
  // ids. Two joins may give one token.
  void learn(int64_t vocab_size, int64_t min_frequency);

  const std::vector<std::string>& tokens() const { return tokens_; }
  const std::vector<std::pair<int32_t, int32_t>>& merges() const { return merges_; }

 private:
  using Pair = std::pair<int32_t, int32_t>;
  struct PairHash {
    size_t operator()(const Pair& pair) const;
  };
  // How often a pair stands in the corpus, and in which words it may stand.
  struct Occurrence {
    int64_t count = 0;
    std::unordered_set<int32_t> words;
  };
  struct Entry {
    double score;
    Pair pair;
    bool operator<(const Entry& other) const { return score != other.score ? score < other.score : pair > other.pair; }
  };

  double score_of(const Pair& pair, int64_t count) const;
  void change(Pair pair, int64_t by, int32_t word);
  void rebuild_queue(int64_t min_frequency);
  int32_t id_of_joined(const Pair& pair);
  void join(const Pair& pair);
  void join_in_word(int32_t number, const Pair& pair, int32_t joined);
  void note_pairs_of(int32_t symbol);

  std::vector<Word> words_;
  std::vector<std::string> tokens_;
  std::string prefix_;
  PairScore score_;
  std::vector<Pair> merges_;
  std::unordered_map<std::string, int32_t> ids_;
  std::vector<int64_t> symbol_counts_;         // by id
  std::vector<std::vector<Pair>> pairs_with_;  // by id, where the score asks for it
  std::unordered_map<Pair, Occurrence, PairHash> pairs_;
  std::priority_queue<Entry> queue_;
  std::vector<Pair> changed_;
};

}  // namespace heddle::text
