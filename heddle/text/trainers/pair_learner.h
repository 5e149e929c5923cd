#pragma once
// Joins the best pair of neighbouring symbols, again and again: what BPE and WordPiece share.
//
// A join looks only at the words where the pair may stand. What it changes is first added up by neighbour, so that the
// table of pairs is asked once for each of these, not once for each place. While pairs only become rarer, a queue entry
// that is too high is put back when it comes up.

#include <cstdint>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "heddle/text/trainers/pair_table.h"

namespace heddle::text {

enum class PairScore {
  frequency,   // of the pair
  likelihood,  // n(pair) · log(n(pair) · N / (n(left) · n(right))), N characters in all: how much a join lifts the
               // log-likelihood of the text under independent symbols, to first order (Schuster and Nakajima 2012)
};

class PairLearner {
 public:
  // Words as symbols, end to end, and how often each occurs.
  struct Words {
    std::vector<int32_t> symbols;  // ids
    std::vector<size_t> begins;
    std::vector<int64_t> counts;

    void reserve(size_t words, size_t all_symbols) {
      symbols.reserve(all_symbols);
      begins.reserve(words);
      counts.reserve(words);
    }
    // A word begins, whose symbols follow.
    void begin_word(int64_t count) {
      begins.push_back(symbols.size());
      counts.push_back(count);
    }
  };

  // tokens: texts of the ids so far. prefix: what a right part loses when it is joined ("##"), where it has it.
  PairLearner(Words words, std::vector<std::string> tokens, std::string prefix, PairScore score);

  // Until there are `vocab_size` tokens, or no pair with at least `min_frequency` is left. Ties go to the pair of lower
  // ids. Two joins may give one token.
  void learn(int64_t vocab_size, int64_t min_frequency);

  const std::vector<std::string>& tokens() const { return tokens_; }
  const std::vector<SymbolPair>& merges() const { return merges_; }
  // How often each symbol stands in the words as they are now, by id.
  const std::vector<int64_t>& symbol_counts() const { return symbol_counts_; }

 private:
  struct Candidate {
    double score;
    SymbolPair pair;
    bool operator<(const Candidate& other) const {
      return score != other.score ? score < other.score : pair > other.pair;
    }
  };
  // The symbols on one side of the pair that is being joined: how often each stands there, and in which words.
  struct Neighbours {
    struct Sum {
      int64_t count = 0;
      uint32_t words = 0, last_word = kNoWord;
      uint32_t* list = nullptr;  // of the words, being filled
    };
    std::vector<Sum> sums;  // by id
    std::vector<int32_t> ids;
    std::vector<std::pair<int32_t, uint32_t>> places;  // id, word

    void add(int32_t id, uint32_t word, int64_t count);
    void clear();
  };
  static constexpr uint32_t kNoWord = ~uint32_t{0};

  void count_pairs();
  double score_of(const SymbolPair& pair, int64_t count) const;
  void fill_queue(int64_t least);
  int32_t id_of_joined(const SymbolPair& pair);
  void join(const SymbolPair& pair, int64_t least);
  void join_in_word(uint32_t number, const SymbolPair& pair, int32_t joined);
  template <class PairWith>
  void add_pairs(Neighbours& neighbours, int32_t joined, PairWith pair_with);
  template <class PairWith>
  void take_pairs(Neighbours& neighbours, int32_t gone, PairWith pair_with);
  void note_pairs_of(int32_t symbol);
  void requeue_changed(int64_t least);

  Words words_;
  std::vector<uint32_t> lengths_;  // of the words as they are now
  std::vector<std::string> tokens_;
  std::string prefix_;
  PairScore score_;
  std::vector<SymbolPair> merges_;
  std::unordered_map<std::string, int32_t> ids_;
  PairTable pairs_;
  std::priority_queue<Candidate> queue_;
  Neighbours left_, right_;
  std::vector<SymbolPair> changed_;                  // that may have a higher score than before
  std::vector<int64_t> symbol_counts_;               // by id
  double log_characters_ = 0;                        // of the symbols at the beginning
  std::vector<std::vector<SymbolPair>> pairs_with_;  // by id, where the score asks for it
};

}  // namespace heddle::text
