#include "heddle/data/augmentation/smote.h"

#include <algorithm>

#include "heddle/base/error.h"

namespace heddle::data {
namespace {

// The nearest other rows of `row`, by squared distance; of equal ones the earlier.
std::vector<int64_t> nearest(std::span<const float> features, int64_t width, int64_t row, int64_t count) {
  const int64_t rows = std::ssize(features) / width;
  std::vector<std::pair<double, int64_t>> distances;
  for (int64_t other = 0; other < rows; ++other) {
    if (other == row) continue;
    double sum = 0;
    for (int64_t i = 0; i < width; ++i) {
      const double difference =
          double{features[static_cast<size_t>(row * width + i)]} - features[static_cast<size_t>(other * width + i)];
      sum += difference * difference;
    }
    distances.emplace_back(sum, other);
  }
  const auto kept = std::min<int64_t>(count, std::ssize(distances));
  std::partial_sort(distances.begin(), distances.begin() + kept, distances.end());
  std::vector<int64_t> out;
  for (int64_t i = 0; i < kept; ++i) out.push_back(distances[static_cast<size_t>(i)].second);
  return out;
}

}  // namespace

std::vector<float> smote(std::span<const float> features, int64_t width, int64_t neighbours, int64_t count,
                         RandomKey key) {
  if (width < 1 || neighbours < 1 || count < 0 || features.empty() || std::ssize(features) % width != 0)
    fail_input("SMOTE of {} values in rows of {}, with {} neighbours; expected whole rows, at least one of each",
               features.size(), width, neighbours);
  const int64_t rows = std::ssize(features) / width;
  RandomStream random(key);
  std::vector<std::vector<int64_t>> near(static_cast<size_t>(rows));  // found when first needed
  std::vector<float> out;
  for (int64_t made = 0; made < count; ++made) {
    const uint64_t row = random.below(static_cast<uint64_t>(rows));
    auto& others = near[row];
    if (others.empty()) others = nearest(features, width, static_cast<int64_t>(row), neighbours);
    const uint64_t other = others.empty() ? row : static_cast<uint64_t>(others[random.below(others.size())]);
    const auto way = static_cast<float>(random.uniform());
    for (uint64_t i = 0; i < static_cast<uint64_t>(width); ++i) {
      const float a = features[row * static_cast<uint64_t>(width) + i],
                  b = features[other * static_cast<uint64_t>(width) + i];
      out.push_back(a + way * (b - a));
    }
  }
  return out;
}

}  // namespace heddle::data
