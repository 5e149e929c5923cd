#include "heddle/text/bpe_trainer.h"

#include <algorithm>
#include <queue>
#include <unordered_set>

#include "heddle/base/error.h"
#include "heddle/base/utf8.h"
#include "heddle/text/byte_level.h"
#include "heddle/text/pre_tokenizers/known_patterns.h"

namespace heddle::text {
namespace {

using Pair = std::pair<int32_t, int32_t>;

struct PairHash {
  size_t operator()(const Pair& p) const {
    return std::hash<uint64_t>()(static_cast<uint64_t>(static_cast<uint32_t>(p.first)) << 32 |
                                 static_cast<uint32_t>(p.second));
  }
};

struct Word {
  std::vector<int32_t> symbols;
  int64_t count;
};

// How often a pair stands in the corpus, and in which words it may stand.
struct PairPlace {
  int64_t count = 0;
  std::unordered_set<int32_t> words;
};

struct Entry {
  int64_t count;
  Pair pair;
  // The most frequent pair on top; ties: the lower ids.
  bool operator<(const Entry& other) const { return count != other.count ? count < other.count : pair > other.pair; }
};

class Learner {
 public:
  Learner(std::vector<Word> words, BpeVocabulary vocabulary)
      : words_(std::move(words)), vocabulary_(std::move(vocabulary)) {
    for (size_t i = 0; i < vocabulary_.tokens.size(); ++i) ids_.emplace(vocabulary_.tokens[i], static_cast<int32_t>(i));
    for (size_t w = 0; w < words_.size(); ++w)
      for (size_t i = 0; i + 1 < words_[w].symbols.size(); ++i)
        change({words_[w].symbols[i], words_[w].symbols[i + 1]}, words_[w].count, static_cast<int32_t>(w));
    for (const auto& [pair, place] : places_) queue_.push({place.count, pair});
  }

  BpeVocabulary learn(int64_t vocab_size, int64_t min_frequency) {
    while (std::ssize(vocabulary_.tokens) < vocab_size && !queue_.empty()) {
      const Entry best = queue_.top();
      queue_.pop();
      const auto place = places_.find(best.pair);
      if (place == places_.end()) continue;
      if (place->second.count != best.count) {  // stale: its true count goes back in
        if (place->second.count > 0) queue_.push({place->second.count, best.pair});
        continue;
      }
      if (best.count < std::max<int64_t>(1, min_frequency)) break;
      join(best.pair);
    }
    return std::move(vocabulary_);
  }

 private:
  void change(Pair pair, int64_t by, int32_t word) {
    PairPlace& place = places_[pair];
    place.count += by;
    if (by > 0) place.words.insert(word);
  }

  int32_t id_of_joined(Pair pair) {
    const std::string token =
        vocabulary_.tokens[static_cast<size_t>(pair.first)] + vocabulary_.tokens[static_cast<size_t>(pair.second)];
    const auto [found, added] = ids_.emplace(token, static_cast<int32_t>(vocabulary_.tokens.size()));
    if (added) vocabulary_.tokens.push_back(token);
    return found->second;
  }

  void join(Pair pair) {
    const int32_t joined = id_of_joined(pair);
    vocabulary_.merges.push_back(pair);
    std::vector<int32_t> words(places_[pair].words.begin(), places_[pair].words.end());
    std::ranges::sort(words);
    changed_.clear();
    for (int32_t w : words) join_in_word(words_[static_cast<size_t>(w)], w, pair, joined);
    places_.erase(pair);
    std::ranges::sort(changed_);
    const auto repeated = std::ranges::unique(changed_);
    changed_.erase(repeated.begin(), repeated.end());
    for (const Pair& other : changed_)
      if (const auto place = places_.find(other); place != places_.end() && place->second.count > 0)
        queue_.push({place->second.count, other});
  }

  void join_in_word(Word& word, int32_t number, Pair pair, int32_t joined) {
    std::vector<int32_t>& s = word.symbols;
    size_t kept = 0;  // s[0, kept) is done; one pass, since a word may be a whole line
    for (size_t i = 0; i < s.size(); ++i) {
      if (i + 1 == s.size() || s[i] != pair.first || s[i + 1] != pair.second) {
        s[kept++] = s[i];
        continue;
      }
      if (kept > 0) {
        change({s[kept - 1], pair.first}, -word.count, number);
        change({s[kept - 1], joined}, word.count, number);
        note_changed({s[kept - 1], joined});
      }
      if (i + 2 < s.size()) {
        change({pair.second, s[i + 2]}, -word.count, number);
        change({joined, s[i + 2]}, word.count, number);
        note_changed({joined, s[i + 2]});
      }
      s[kept++] = joined;
      ++i;
    }
    s.resize(kept);
  }

  // Neighbours in a word often are the same pair again; the queue needs it once.
  void note_changed(Pair pair) {
    if (changed_.empty() || changed_.back() != pair) changed_.push_back(pair);
  }

  std::vector<Word> words_;
  BpeVocabulary vocabulary_;
  std::unordered_map<std::string, int32_t> ids_;
  std::unordered_map<Pair, PairPlace, PairHash> places_;
  std::priority_queue<Entry> queue_;
  std::vector<Pair> changed_;
};

}  // namespace

void BpeTrainer::add_line(std::string_view line) {
  std::vector<Piece> pieces;
  split_gpt2(line, 0, pieces);
  for (const Piece& piece : pieces) ++piece_counts_[std::string(line.substr(piece.begin, piece.end - piece.begin))];
}

BpeVocabulary BpeTrainer::train(const BpeTrainerOptions& options) const {
  if (piece_counts_.empty()) fail_input("the corpus of the tokenizer is empty; give files with text");
  BpeVocabulary start;
  start.tokens = options.special_tokens;
  std::vector<int32_t> alphabet;
  for (int b = 0; b < 256; ++b) alphabet.push_back(character_of_byte(static_cast<uint8_t>(b)));
  std::ranges::sort(alphabet);
  std::vector<int32_t> id_of_byte(256);
  for (int32_t character : alphabet) {
    id_of_byte[static_cast<size_t>(byte_of_character(character))] = static_cast<int32_t>(start.tokens.size());
    append_utf8(start.tokens.emplace_back(), character);
  }
  const int64_t smallest = std::ssize(start.tokens);
  if (options.vocab_size < smallest)
    fail_input("vocab_size = {} is smaller than the {} special tokens and 256 bytes; ask for at least {}",
               options.vocab_size, options.special_tokens.size(), smallest);
  std::vector<const std::pair<const std::string, int64_t>*> pieces;
  for (const auto& entry : piece_counts_) pieces.push_back(&entry);
  std::ranges::sort(pieces, {}, [](const auto* entry) -> const std::string& { return entry->first; });
  std::vector<Word> words;
  for (const auto* entry : pieces) {
    Word& word = words.emplace_back();
    word.count = entry->second;
    for (char c : entry->first) word.symbols.push_back(id_of_byte[static_cast<uint8_t>(c)]);
  }
  BpeVocabulary learned = Learner(std::move(words), std::move(start)).learn(options.vocab_size, options.min_frequency);
  if (std::ssize(learned.tokens) < options.vocab_size)
    fail_input(
        "the data gives only {} tokens, not the {} asked for; lower vocab_size or min_frequency, or "
        "give more text",
        learned.tokens.size(), options.vocab_size);
  return learned;
}

}  // namespace heddle::text
