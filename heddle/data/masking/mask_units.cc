#include "heddle/data/masking/mask_units.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "heddle/base/error.h"

namespace heddle::data {
namespace {

bool is_special(std::span<const uint8_t> special, size_t token) { return !special.empty() && special[token] != 0; }

// Joins `words` from `first` on, as many as follow each other without a gap up to `count`.
size_t join(std::span<const TokenRange> words, size_t first, int64_t count, std::vector<TokenRange>& units) {
  size_t last = first + 1;
  while (last < words.size() && static_cast<int64_t>(last - first) < count && words[last].begin == words[last - 1].end)
    ++last;
  units.push_back({words[first].begin, words[last - 1].end});
  return last;
}

// Places of the units in the order in which they are tried.
std::vector<size_t> random_order(size_t units, std::span<const double> weights, RandomStream& random) {
  std::vector<size_t> order(units);
  std::iota(order.begin(), order.end(), size_t{0});
  if (weights.empty()) {
    shuffle(std::span(order), random);
    return order;
  }
  // The smallest of −ln(u) / w first: u^(1/w) of the paper, whose largest come first, without its underflow.
  std::vector<double> keys(units);
  for (size_t i = 0; i < units; ++i) {
    if (!(weights[i] >= 0) || std::isinf(weights[i]))
      fail_input("unit {} has the weight {}; expected 0 or more", i, weights[i]);
    keys[i] = -std::log(1 - random.uniform()) / weights[i];
  }
  std::erase_if(order, [&](size_t i) { return weights[i] == 0; });
  std::ranges::sort(order, {}, [&](size_t i) { return std::pair(keys[i], i); });
  return order;
}

}  // namespace

std::vector<TokenRange> token_units(int64_t tokens, std::span<const uint8_t> special) {
  std::vector<TokenRange> units;
  for (int32_t i = 0; i < tokens; ++i)
    if (!is_special(special, static_cast<size_t>(i))) units.push_back({i, i + 1});
  return units;
}

std::vector<TokenRange> word_units(std::span<const uint8_t> starts_word, std::span<const uint8_t> special) {
  std::vector<TokenRange> units;
  for (size_t i = 0; i < starts_word.size(); ++i) {
    if (is_special(special, i)) continue;
    const auto at = static_cast<int32_t>(i);
    const bool goes_on = starts_word[i] == 0 && !units.empty() && units.back().end == at;
    if (goes_on) units.back().end = at + 1;
    else units.push_back({at, at + 1});
  }
  return units;
}

std::vector<TokenRange> span_units(std::span<const TokenRange> words, double p, int64_t longest, RandomStream& random) {
  if (!(p > 0 && p <= 1) || longest < 1)
    fail_input("spans of up to {} words with p = {}; expected 1 word or more, and p in (0, 1]", longest, p);
  std::vector<TokenRange> units;
  // Lengths 1 … longest of the geometric distribution, cut there: by inversion of its distribution function.
  const double whole = 1 - std::pow(1 - p, static_cast<double>(longest));
  for (size_t at = 0; at < words.size();) {
    const double length = p == 1 ? 1 : std::ceil(std::log1p(-random.uniform() * whole) / std::log1p(-p));
    at = join(words, at, std::clamp<int64_t>(static_cast<int64_t>(length), 1, longest), units);
  }
  return units;
}

std::vector<TokenRange> ngram_units(std::span<const TokenRange> words, int64_t n, RandomStream& random) {
  if (n < 1) fail_input("n-grams of {} words; expected 1 or more", n);
  std::vector<TokenRange> units;
  const auto offset = static_cast<int64_t>(random.below(static_cast<uint64_t>(n)));
  size_t at = 0;
  if (offset > 0 && !words.empty()) at = join(words, 0, offset, units);
  while (at < words.size()) at = join(words, at, n, units);
  return units;
}

std::vector<TokenRange> select_units(std::span<const TokenRange> units, double rate, std::span<const double> weights,
                                     RandomStream& random) {
  if (!(rate >= 0 && rate <= 1)) fail_input("the masking rate is {}; expected a share from 0 to 1", rate);
  if (!weights.empty() && weights.size() != units.size())
    fail_input("{} weights are given for {} units", weights.size(), units.size());
  int64_t tokens = 0;
  for (const TokenRange& unit : units) tokens += unit.end - unit.begin;
  double left = rate * static_cast<double>(tokens);
  std::vector<TokenRange> chosen;
  for (size_t i : random_order(units.size(), weights, random)) {
    const double size = units[i].end - units[i].begin;
    if (left <= 0) break;
    // The unit that passes the budget is taken with the probability of its part that still fits.
    const bool fits = size <= left + 1e-9;
    if (fits || random.uniform() < left / size) chosen.push_back(units[i]);
    left -= size;
  }
  std::ranges::sort(chosen, {}, &TokenRange::begin);
  return chosen;
}

std::vector<double> unit_weights(std::span<const TokenRange> units, std::span<const double> token_weights) {
  std::vector<double> weights;
  for (const TokenRange& unit : units) {
    if (unit.end > std::ssize(token_weights))
      fail_input("{} token weights are too few for a unit that ends at token {}", token_weights.size(), unit.end);
    const auto of_unit =
        token_weights.subspan(static_cast<size_t>(unit.begin), static_cast<size_t>(unit.end - unit.begin));
    weights.push_back(std::accumulate(of_unit.begin(), of_unit.end(), 0.0) / static_cast<double>(of_unit.size()));
  }
  return weights;
}

}  // namespace heddle::data
