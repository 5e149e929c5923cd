#include "heddle/text/trainers/pair_learner.h"

#include <algorithm>

namespace heddle::text {

size_t PairLearner::PairHash::operator()(const Pair& pair) const {
  return std::hash<uint64_t>()(static_cast<uint64_t>(static_cast<uint32_t>(pair.first)) << 32 |
                               static_cast<uint32_t>(pair.second));
}

PairLearner::PairLearner(std::vector<Word> words, std::vector<std::string> tokens, std::string prefix, PairScore score)
    : words_(std::move(words)),
      tokens_(std::move(tokens)),
      prefix_(std::move(prefix)),
      score_(score),
      symbol_counts_(tokens_.size()),
      pairs_with_(tokens_.size()) {
  for (size_t i = 0; i < tokens_.size(); ++i) ids_.emplace(tokens_[i], static_cast<int32_t>(i));
  for (size_t w = 0; w < words_.size(); ++w) {
    const std::vector<int32_t>& s = words_[w].symbols;
    for (size_t i = 0; i < s.size(); ++i) {
      symbol_counts_[static_cast<size_t>(s[i])] += words_[w].count;
      if (i + 1 < s.size()) change({s[i], s[i + 1]}, words_[w].count, static_cast<int32_t>(w));
    }
  }
}

double PairLearner::score_of(const Pair& pair, int64_t count) const {
  if (score_ == PairScore::frequency) return static_cast<double>(count);
  return static_cast<double>(count) / static_cast<double>(symbol_counts_[static_cast<size_t>(pair.first)]) /
         static_cast<double>(symbol_counts_[static_cast<size_t>(pair.second)]);
}

void PairLearner::learn(int64_t vocab_size, int64_t min_frequency) {
  const int64_t least = std::max<int64_t>(1, min_frequency);
  rebuild_queue(least);
  while (std::ssize(tokens_) < vocab_size && !queue_.empty()) {
    const Entry best = queue_.top();
    queue_.pop();
    const auto found = pairs_.find(best.pair);
    if (found == pairs_.end() || found->second.count < least) continue;
    if (score_of(best.pair, found->second.count) != best.score) continue;  // stale: the new score has its own entry
    join(best.pair);
    if (queue_.size() > 4 * pairs_.size() + 1024) rebuild_queue(least);
  }
}

// Without the entries that are stale.
void PairLearner::rebuild_queue(int64_t min_frequency) {
  std::vector<Entry> entries;
  for (const auto& [pair, occurrence] : pairs_)
    if (occurrence.count >= min_frequency) entries.push_back({score_of(pair, occurrence.count), pair});
  queue_ = std::priority_queue<Entry>({}, std::move(entries));
}

void PairLearner::change(Pair pair, int64_t by, int32_t word) {
  const auto [found, added] = pairs_.try_emplace(pair);
  found->second.count += by;
  if (by > 0) found->second.words.insert(word);
  if (!added || score_ == PairScore::frequency) return;
  pairs_with_[static_cast<size_t>(pair.first)].push_back(pair);
  if (pair.second != pair.first) pairs_with_[static_cast<size_t>(pair.second)].push_back(pair);
}

int32_t PairLearner::id_of_joined(const Pair& pair) {
  std::string_view right = tokens_[static_cast<size_t>(pair.second)];
  if (right.starts_with(prefix_)) right.remove_prefix(prefix_.size());
  const std::string token = tokens_[static_cast<size_t>(pair.first)] + std::string(right);
  const auto [found, added] = ids_.emplace(token, static_cast<int32_t>(tokens_.size()));
  if (added) {
    tokens_.push_back(token);
    symbol_counts_.push_back(0);
    pairs_with_.emplace_back();
  }
  return found->second;
}

void PairLearner::join(const Pair& pair) {
  const int32_t joined = id_of_joined(pair);
  merges_.push_back(pair);
  std::vector<int32_t> words(pairs_[pair].words.begin(), pairs_[pair].words.end());
  std::ranges::sort(words);
  changed_.clear();
  for (const int32_t word : words) join_in_word(word, pair, joined);
  pairs_.erase(pair);
  if (score_ == PairScore::likelihood)
    for (const int32_t symbol : {pair.first, pair.second, joined}) note_pairs_of(symbol);
  std::ranges::sort(changed_);
  const auto repeated = std::ranges::unique(changed_);
  changed_.erase(repeated.begin(), repeated.end());
  for (const Pair& other : changed_)
    if (const auto found = pairs_.find(other); found != pairs_.end() && found->second.count > 0)
      queue_.push({score_of(other, found->second.count), other});
}

// The score of every pair with this symbol has changed, since the symbol's count has.
void PairLearner::note_pairs_of(int32_t symbol) {
  std::vector<Pair>& with = pairs_with_[static_cast<size_t>(symbol)];
  std::erase_if(with, [&](const Pair& pair) { return !pairs_.contains(pair); });
  changed_.insert(changed_.end(), with.begin(), with.end());
}

void PairLearner::join_in_word(int32_t number, const Pair& pair, int32_t joined) {
  Word& word = words_[static_cast<size_t>(number)];
  std::vector<int32_t>& s = word.symbols;
  const auto replace = [&](Pair before, Pair after) {
    change(before, -word.count, number);
    change(after, word.count, number);
    changed_.push_back(before);
    changed_.push_back(after);
  };
  size_t kept = 0;  // s[0, kept) is done; one pass, since a word may be a whole line
  for (size_t i = 0; i < s.size(); ++i) {
    if (i + 1 == s.size() || s[i] != pair.first || s[i + 1] != pair.second) {
      s[kept++] = s[i];
      continue;
    }
    if (kept > 0) replace({s[kept - 1], pair.first}, {s[kept - 1], joined});
    if (i + 2 < s.size()) replace({pair.second, s[i + 2]}, {joined, s[i + 2]});
    symbol_counts_[static_cast<size_t>(pair.first)] -= word.count;
    symbol_counts_[static_cast<size_t>(pair.second)] -= word.count;
    symbol_counts_[static_cast<size_t>(joined)] += word.count;
    s[kept++] = joined;
    ++i;
  }
  s.resize(kept);
}

}  // namespace heddle::text
