#include "heddle/data/sampling/class_sampling.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "heddle/base/error.h"

namespace heddle::data {
namespace {

// The examples of every class that has any.
std::vector<std::vector<int64_t>> by_class(std::span<const int32_t> labels) {
  std::vector<std::vector<int64_t>> classes;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < 0) fail_input("example {} has the class {}; classes are numbers from 0", i, labels[i]);
    const auto label = static_cast<size_t>(labels[i]);
    if (label >= classes.size()) classes.resize(label + 1);
    classes[label].push_back(static_cast<int64_t>(i));
  }
  std::erase_if(classes, [](const auto& examples) { return examples.empty(); });
  return classes;
}

// Examples in random order, and again in a new one when all were given.
class Deck {
 public:
  explicit Deck(std::vector<int64_t> examples) : examples_(std::move(examples)), at_(examples_.size()) {}

  int64_t draw(RandomStream& random) {
    if (at_ == examples_.size()) {
      shuffle(std::span(examples_), random);
      at_ = 0;
    }
    return examples_[at_++];
  }

 private:
  std::vector<int64_t> examples_;
  size_t at_;
};

std::vector<int64_t> even_order(std::span<const int32_t> labels, bool as_largest, RandomKey key) {
  RandomStream random(key);
  const auto classes = by_class(labels);
  std::vector<int64_t> order;
  if (classes.empty()) return order;
  const auto [least, most] = std::ranges::minmax(classes, {}, [](const auto& examples) { return examples.size(); });
  const size_t draws = as_largest ? most.size() : least.size();
  for (const auto& examples : classes) {
    Deck deck(examples);
    for (size_t i = 0; i < draws; ++i) order.push_back(deck.draw(random));
  }
  shuffle(std::span(order), random);
  return order;
}

}  // namespace

std::vector<int64_t> uniform_order(int64_t examples, RandomKey key) {
  RandomStream random(key);
  std::vector<int64_t> order(static_cast<size_t>(examples));
  std::iota(order.begin(), order.end(), 0);
  shuffle(std::span(order), random);
  return order;
}

std::vector<int64_t> class_balanced_order(std::span<const int32_t> labels, int64_t draws, RandomKey key) {
  RandomStream random(key);
  const auto classes = by_class(labels);
  std::vector<int64_t> order;
  for (int64_t i = 0; i < draws && !classes.empty(); ++i) {
    const auto& examples = classes[random.below(classes.size())];
    order.push_back(examples[random.below(examples.size())]);
  }
  return order;
}

std::vector<int64_t> over_sampled_order(std::span<const int32_t> labels, RandomKey key) {
  return even_order(labels, true, key);
}

std::vector<int64_t> under_sampled_order(std::span<const int32_t> labels, RandomKey key) {
  return even_order(labels, false, key);
}

std::vector<int32_t> stratified_parts(std::span<const int32_t> labels, std::span<const double> fractions,
                                      RandomKey key) {
  const double sum = std::accumulate(fractions.begin(), fractions.end(), 0.0);
  if (std::ranges::any_of(fractions, [](double f) { return !(f > 0); }) || std::abs(sum - 1) > 1e-9)
    fail_input("the fractions {} of a split must be positive and sum to 1", fmt::join(fractions, ", "));
  RandomStream random(key);
  std::vector<int32_t> parts(labels.size());
  // What rounding left over in one class is owed in the next, so that small classes do not all go to one part.
  std::vector<double> owed(fractions.size(), 0.0);
  for (auto& examples : by_class(labels)) {
    shuffle(std::span(examples), random);
    for (size_t p = 0; p < fractions.size(); ++p) owed[p] += fractions[p] * static_cast<double>(examples.size());
    for (int64_t example : examples) {
      const auto part = std::ranges::max_element(owed) - owed.begin();
      parts[static_cast<size_t>(example)] = static_cast<int32_t>(part);
      owed[static_cast<size_t>(part)] -= 1;
    }
  }
  return parts;
}

std::vector<std::vector<int64_t>> every_class_batches(std::span<const int32_t> labels, int64_t size, int64_t per_class,
                                                      RandomKey key) {
  const auto classes = by_class(labels);
  const int64_t fixed = per_class * std::ssize(classes);
  if (classes.empty()) return {};
  if (per_class < 1 || fixed > size)
    fail_input("a batch of {} examples cannot hold {} of each of {} classes; it needs {} or more", size, per_class,
               classes.size(), std::max<int64_t>(per_class, 1) * std::ssize(classes));
  RandomStream random(key);
  std::vector<Deck> decks;
  for (const auto& examples : classes) decks.emplace_back(examples);
  // The rest of the batches is an epoch of its own. Where there is no rest, the largest class ends the epoch.
  const std::vector<int64_t> rest = uniform_order(std::ssize(labels), key.at("data.rest"));
  const auto largest =
      static_cast<int64_t>(std::ranges::max(classes, {}, [](const auto& c) { return c.size(); }).size());
  const int64_t free = size - fixed;
  const int64_t count = free > 0 ? (std::ssize(labels) + free - 1) / free : (largest + per_class - 1) / per_class;
  std::vector<std::vector<int64_t>> batches(static_cast<size_t>(count));
  size_t at = 0;
  for (auto& batch : batches) {
    for (Deck& deck : decks)
      for (int64_t i = 0; i < per_class; ++i) batch.push_back(deck.draw(random));
    while (std::ssize(batch) < size && at < rest.size()) batch.push_back(rest[at++]);
    shuffle(std::span(batch), random);
  }
  return batches;
}

}  // namespace heddle::data
