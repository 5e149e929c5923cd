#include "heddle/text/trainers/pair_learner.h"

#include <algorithm>
#include <cmath>

#include "heddle/base/error.h"

namespace heddle::text {

void PairLearner::Neighbours::add(int32_t id, uint32_t word, int64_t count) {
  Sum& sum = sums[static_cast<size_t>(id)];
  if (sum.words == 0) ids.push_back(id);
  sum.count += count;
  if (sum.last_word == word) return;
  sum.last_word = word;
  ++sum.words;
  places.emplace_back(id, word);
}

void PairLearner::Neighbours::clear() {
  for (const int32_t id : ids) sums[static_cast<size_t>(id)] = Sum();
  ids.clear();
  places.clear();
}

PairLearner::PairLearner(Words words, std::vector<std::string> tokens, std::string prefix, PairScore score)
    : words_(std::move(words)),
      tokens_(std::move(tokens)),
      prefix_(std::move(prefix)),
      score_(score),
      symbol_counts_(tokens_.size()),
      pairs_with_(score == PairScore::likelihood ? tokens_.size() : 0) {
  if (words_.counts.size() >= kNoWord)
    fail_input("{} different words are too many to learn from", words_.counts.size());
  for (size_t i = 0; i < tokens_.size(); ++i) ids_.emplace(tokens_[i], static_cast<int32_t>(i));
  left_.sums.resize(tokens_.size());
  right_.sums.resize(tokens_.size());
  count_pairs();
}

// Twice through all words: how many there are of each pair, and then which.
void PairLearner::count_pairs() {
  const size_t number = words_.counts.size();
  lengths_.resize(number);
  const auto each_pair = [&](auto&& use) {
    for (size_t w = 0; w < number; ++w) {
      const int32_t* s = words_.symbols.data() + words_.begins[w];
      for (uint32_t i = 0; i + 1 < lengths_[w]; ++i) use({s[i], s[i + 1]}, w);
    }
  };
  for (size_t w = 0; w < number; ++w) {
    const size_t end = w + 1 < number ? words_.begins[w + 1] : words_.symbols.size();
    lengths_[w] = static_cast<uint32_t>(end - words_.begins[w]);
    for (size_t i = words_.begins[w]; i < end; ++i)
      symbol_counts_[static_cast<size_t>(words_.symbols[i])] += words_.counts[w];
  }
  double characters = 0;
  for (const int64_t count : symbol_counts_) characters += static_cast<double>(count);
  log_characters_ = std::log(characters);
  each_pair([&](SymbolPair pair, size_t w) {
    PairTable::Entry& entry = pairs_.find_or_add(pair);
    entry.count += words_.counts[w];
    ++entry.number;
  });
  std::vector<SymbolPair> all;
  pairs_.each([&](const PairTable::Entry& entry) { all.push_back(entry.pair); });
  for (const SymbolPair& pair : all) {
    PairTable::Entry& entry = *pairs_.find(pair);
    const uint32_t most = std::exchange(entry.number, 0);
    pairs_.add_words(entry, most);
    entry.number = 0;  // they are filled in now
    if (score_ == PairScore::likelihood)
      for (const int32_t symbol : {pair.first, pair.second}) pairs_with_[static_cast<size_t>(symbol)].push_back(pair);
  }
  each_pair([&](SymbolPair pair, size_t w) {
    PairTable::Entry& entry = *pairs_.find(pair);
    const auto word = static_cast<uint32_t>(w);
    if (entry.number == 0 || entry.words[entry.number - 1] != word) entry.words[entry.number++] = word;
  });
}

double PairLearner::score_of(const SymbolPair& pair, int64_t count) const {
  if (score_ == PairScore::frequency) return static_cast<double>(count);
  const auto log_of = [](int64_t n) { return std::log(static_cast<double>(n)); };
  return static_cast<double>(count) *
         (log_of(count) + log_characters_ - log_of(symbol_counts_[static_cast<size_t>(pair.first)]) -
          log_of(symbol_counts_[static_cast<size_t>(pair.second)]));
}

void PairLearner::learn(int64_t vocab_size, int64_t min_frequency) {
  const int64_t least = std::max<int64_t>(1, min_frequency);
  fill_queue(least);
  while (std::ssize(tokens_) < vocab_size && !queue_.empty()) {
    const Candidate best = queue_.top();
    queue_.pop();
    const PairTable::Entry* entry = pairs_.find(best.pair);
    if (!entry || entry->count < least) continue;
    if (const double score = score_of(best.pair, entry->count); score != best.score) {
      // A score that rose has an entry of its own.
      if (score < best.score && score_ == PairScore::frequency) queue_.push({score, best.pair});
      continue;
    }
    join(best.pair, least);
    if (queue_.size() > 4 * pairs_.size() + 1024) fill_queue(least);
  }
}

// One candidate for each pair.
void PairLearner::fill_queue(int64_t least) {
  std::vector<Candidate> candidates;
  pairs_.each([&](const PairTable::Entry& entry) {
    if (entry.count >= least) candidates.push_back({score_of(entry.pair, entry.count), entry.pair});
  });
  queue_ = std::priority_queue<Candidate>({}, std::move(candidates));
}

int32_t PairLearner::id_of_joined(const SymbolPair& pair) {
  std::string_view right = tokens_[static_cast<size_t>(pair.second)];
  if (right.starts_with(prefix_)) right.remove_prefix(prefix_.size());
  const std::string token = tokens_[static_cast<size_t>(pair.first)] + std::string(right);
  const auto [found, added] = ids_.emplace(token, static_cast<int32_t>(tokens_.size()));
  if (added) {
    tokens_.push_back(token);
    symbol_counts_.push_back(0);
    if (score_ == PairScore::likelihood) pairs_with_.emplace_back();
    left_.sums.emplace_back();
    right_.sums.emplace_back();
  }
  return found->second;
}

void PairLearner::join(const SymbolPair& pair, int64_t least) {
  const int32_t joined = id_of_joined(pair);
  merges_.push_back(pair);
  for (const uint32_t word : pairs_.find(pair)->all_words()) join_in_word(word, pair, joined);
  pairs_.erase(pair);
  changed_.clear();
  const auto before = [](int32_t neighbour, int32_t symbol) { return SymbolPair(neighbour, symbol); };
  const auto behind = [](int32_t neighbour, int32_t symbol) { return SymbolPair(symbol, neighbour); };
  // What comes first, since some of it goes again: in "abab" the first joined symbol has "a" behind it for a moment.
  add_pairs(left_, joined, before);
  add_pairs(right_, joined, behind);
  take_pairs(left_, pair.first, before);
  take_pairs(right_, pair.second, behind);
  if (score_ == PairScore::likelihood)
    for (const int32_t symbol : {pair.first, pair.second, joined}) note_pairs_of(symbol);
  requeue_changed(least);
}

// In one pass, since a word may be a whole line.
void PairLearner::join_in_word(uint32_t number, const SymbolPair& pair, int32_t joined) {
  int32_t* s = words_.symbols.data() + words_.begins[number];
  const uint32_t length = lengths_[number];
  const int64_t count = words_.counts[number];
  uint32_t kept = 0, joins = 0;  // s[0, kept) is done
  for (uint32_t i = 0; i < length; ++i) {
    if (s[i] != pair.first || i + 1 == length || s[i + 1] != pair.second) {
      s[kept++] = s[i];
      continue;
    }
    if (kept > 0) left_.add(s[kept - 1], number, count);
    if (i + 2 < length) right_.add(s[i + 2], number, count);
    s[kept++] = joined;
    ++joins;
    ++i;
  }
  lengths_[number] = kept;
  symbol_counts_[static_cast<size_t>(pair.first)] -= count * joins;
  symbol_counts_[static_cast<size_t>(pair.second)] -= count * joins;
  symbol_counts_[static_cast<size_t>(joined)] += count * joins;
}

template <class PairWith>
void PairLearner::add_pairs(Neighbours& neighbours, int32_t joined, PairWith pair_with) {
  for (const int32_t id : neighbours.ids) {
    auto& sum = neighbours.sums[static_cast<size_t>(id)];
    PairTable::Entry& entry = pairs_.find_or_add(pair_with(id, joined));
    if (entry.count == 0 && score_ == PairScore::likelihood) {
      pairs_with_[static_cast<size_t>(id)].push_back(entry.pair);
      if (id != joined) pairs_with_[static_cast<size_t>(joined)].push_back(entry.pair);
    }
    entry.count += sum.count;
    sum.list = pairs_.add_words(entry, sum.words);
    changed_.push_back(entry.pair);
  }
  for (const auto& [id, word] : neighbours.places) *neighbours.sums[static_cast<size_t>(id)].list++ = word;
}

template <class PairWith>
void PairLearner::take_pairs(Neighbours& neighbours, int32_t gone, PairWith pair_with) {
  for (const int32_t id : neighbours.ids) {
    const SymbolPair pair = pair_with(id, gone);
    PairTable::Entry* entry = pairs_.find(pair);  // not there: the pair that was joined, of two equal symbols
    if (!entry) continue;
    entry->count -= neighbours.sums[static_cast<size_t>(id)].count;
    if (entry->count == 0) pairs_.erase(pair);
  }
  neighbours.clear();
}

// The score of every pair with this symbol has changed, since the symbol's count has.
void PairLearner::note_pairs_of(int32_t symbol) {
  std::vector<SymbolPair>& with = pairs_with_[static_cast<size_t>(symbol)];
  std::erase_if(with, [&](const SymbolPair& pair) { return !pairs_.find(pair); });
  changed_.insert(changed_.end(), with.begin(), with.end());
}

void PairLearner::requeue_changed(int64_t least) {
  if (score_ == PairScore::likelihood) {
    std::ranges::sort(changed_);
    const auto repeated = std::ranges::unique(changed_);
    changed_.erase(repeated.begin(), repeated.end());
  }
  for (const SymbolPair& pair : changed_)
    if (const PairTable::Entry* entry = pairs_.find(pair); entry && entry->count >= least)
      queue_.push({score_of(pair, entry->count), pair});
}

}  // namespace heddle::text
