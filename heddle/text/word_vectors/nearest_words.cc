#include "heddle/text/word_vectors/nearest_words.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "heddle/base/error.h"
#include "heddle/base/thread_loop.h"

namespace heddle::text {
namespace {

constexpr int64_t kWordsForAThread = 1024;

// In f64, where products of f32 do not overflow; in lanes, which the compiler can make vectors of.
double dot(std::span<const float> a, std::span<const float> b) {
  constexpr size_t kLanes = 8;
  std::array<double, kLanes> sums = {};
  size_t i = 0;
  for (; i + kLanes <= a.size(); i += kLanes)
    for (size_t lane = 0; lane < kLanes; ++lane)
      sums[lane] += static_cast<double>(a[i + lane]) * static_cast<double>(b[i + lane]);
  for (; i < a.size(); ++i) sums[0] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  double sum = 0;
  for (const double lane : sums) sum += lane;
  return sum;
}

bool nearer(const Neighbour& a, const Neighbour& b) {
  return a.cosine != b.cosine ? a.cosine > b.cosine : a.row < b.row;
}

// The best seen so far, as a heap with the worst of them on top.
class Best {
 public:
  explicit Best(size_t most) : most_(most) {}

  void offer(const Neighbour& candidate) {
    if (kept_.size() == most_) {
      if (!nearer(candidate, kept_.front())) return;
      std::ranges::pop_heap(kept_, nearer);
      kept_.pop_back();
    }
    kept_.push_back(candidate);
    std::ranges::push_heap(kept_, nearer);
  }
  const std::vector<Neighbour>& kept() const { return kept_; }

 private:
  size_t most_;
  std::vector<Neighbour> kept_;
};

}  // namespace

std::vector<Neighbour> nearest_words(const WordVectors& vectors, std::span<const float> query, int64_t most,
                                     std::span<const int64_t> left_out) {
  if (std::ssize(query) != vectors.width())
    fail_input("the query has {} values, the vectors have {}", query.size(), vectors.width());
  if (most < 1) return {};
  const double query_norm = std::sqrt(dot(query, query));
  std::vector<Best> best(static_cast<size_t>(thread_count()), Best(static_cast<size_t>(most)));
  parallel_for(vectors.size(), kWordsForAThread, [&](int64_t begin, int64_t end, int lane) {
    std::vector<float> vector(query.size());
    for (int64_t row = begin; row < end; ++row) {
      if (std::ranges::find(left_out, row) != left_out.end()) continue;
      vectors.copy(row, vector);
      const double norms = query_norm * std::sqrt(dot(vector, vector));
      best[static_cast<size_t>(lane)].offer({row, norms > 0 ? dot(query, vector) / norms : 0});
    }
  });
  std::vector<Neighbour> nearest;
  for (const Best& of_thread : best) nearest.insert(nearest.end(), of_thread.kept().begin(), of_thread.kept().end());
  std::ranges::sort(nearest, nearer);
  nearest.resize(std::min(nearest.size(), static_cast<size_t>(most)));
  return nearest;
}

}  // namespace heddle::text
