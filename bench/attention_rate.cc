// Processor seconds of one attention, forward and backward, over a packed batch: heddle_attention_rate MASK HEADS WIDTH
// LENGTHS. MASK: as a config writes it; LENGTHS: of the sequences, "13,9,40" or "8x4096". On one thread. Prints one
// JSON object; bench/attention.py, bench/window.py and bench/tiles.py run it.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "bench/median.h"
#include "heddle/base/clock.h"
#include "heddle/base/memory.h"
#include "heddle/base/random.h"
#include "heddle/base/thread_loop.h"
#include "heddle/kernels/attention.h"
#include "heddle/model/mask_text.h"

namespace heddle::kernels {
namespace {

constexpr double kSeconds = 2.0;  // of measuring

struct Sizes {
  int heads;
  int64_t width;
  std::vector<int32_t> offsets{0};
  int64_t inner() const { return heads * width; }
  int64_t rows() const { return offsets.back(); }
};

std::vector<float> random_values(RandomStream& random, int64_t count) {
  std::vector<float> values(static_cast<size_t>(count));
  for (float& value : values) value = static_cast<float>(random.normal());
  return values;
}

// Queries, keys and values side by side, as a product of the three leaves them.
class Batch {
 public:
  Batch(const Sizes& sizes, const Mask& mask) : sizes_(sizes) {
    RandomStream random({1, 0, 0, 0});
    const int64_t inner = sizes.inner(), rows = sizes.rows();
    qkv_ = random_values(random, 3 * rows * inner);
    dout_ = random_values(random, rows * inner);
    dqkv_.resize(qkv_.size());
    out_.resize(dout_.size());
    log_sum_.resize(static_cast<size_t>(rows * sizes.heads));
    for (size_t s = 0; s + 1 < sizes.offsets.size(); ++s) lengths_.push_back(sizes.offsets[s + 1] - sizes.offsets[s]);
    source_.keys = qkv_.data() + inner;
    source_.values = qkv_.data() + 2 * inner;
    source_.key_stride = source_.value_stride = 3 * inner;
    source_.begin = sizes_.offsets;
    source_.length = lengths_;
    source_.mask = mask;
    plan_.query_heads = plan_.key_heads = sizes.heads;
    plan_.key_width = plan_.value_width = sizes.width;
    plan_.scale = 1 / std::sqrt(static_cast<float>(sizes.width));
  }

  void forward() { attention(plan_, queries(), {&source_, 1}, out_.data(), sizes_.inner(), log_sum_.data(), scratch_); }
  void backward() {
    const int64_t inner = sizes_.inner();
    std::ranges::fill(dqkv_, 0.0f);
    const KeyGradients<float> keys = {dqkv_.data() + inner, dqkv_.data() + 2 * inner, 3 * inner, 3 * inner};
    AttentionGradients<float> gradients;
    gradients.out = out_.data();
    gradients.log_sum = log_sum_.data();
    gradients.dout = dout_.data();
    gradients.out_stride = gradients.dout_stride = inner;
    gradients.dq = dqkv_.data();
    gradients.dq_stride = 3 * inner;
    gradients.sources = {&keys, 1};
    attention_backward(plan_, queries(), {&source_, 1}, gradients, scratch_);
  }

 private:
  AttentionQueries<float> queries() const { return {qkv_.data(), 3 * sizes_.inner(), sizes_.offsets}; }

  const Sizes& sizes_;
  std::vector<float> qkv_, dout_, dqkv_, out_;
  std::vector<double> log_sum_;
  std::vector<int32_t> lengths_;
  KeySource<float> source_;
  AttentionPlan<float> plan_;
  AttentionScratch scratch_;
};

std::string measured(const Sizes& sizes, const Mask& mask) {
  const int64_t before = heap_bytes();
  Batch batch(sizes, mask);
  std::vector<double> forward, backward, clock;
  for (const double begin = steady_seconds(); steady_seconds() - begin < kSeconds || clock.size() < 4;) {
    const double began = steady_seconds(), at_first = process_cpu_seconds();
    batch.forward();
    const double between = process_cpu_seconds();
    batch.backward();
    forward.push_back(between - at_first);
    backward.push_back(process_cpu_seconds() - between);
    clock.push_back(steady_seconds() - began);
  }
  for (auto* times : {&forward, &backward, &clock}) times->erase(times->begin());  // memory's first touch
  return fmt::format(
      "\"forward\": {:.9f}, \"backward\": {:.9f}, \"seconds\": {:.9f}, \"bytes\": {}, \"peak_rss_bytes\": {}",
      median(forward), median(backward), median(clock), heap_bytes() - before, peak_rss_bytes());
}

// "13,9,40", or "8x4096": eight of them.
Sizes sizes_from(int heads, int64_t width, const std::string& lengths) {
  Sizes sizes{heads, width};
  std::istringstream parts(lengths);
  for (std::string part; std::getline(parts, part, ',');) {
    const size_t times = part.find('x');
    const int count = times == std::string::npos ? 1 : std::stoi(part.substr(0, times));
    const int length = std::stoi(times == std::string::npos ? part : part.substr(times + 1));
    for (int i = 0; i < count; ++i) sizes.offsets.push_back(sizes.offsets.back() + length);
  }
  return sizes;
}

}  // namespace
}  // namespace heddle::kernels

int main(int argc, char** argv) {
  using namespace heddle;
  if (argc != 5) {
    fmt::print(stderr, "usage: heddle_attention_rate MASK HEADS WIDTH LENGTH,LENGTH,...\n");
    return 2;
  }
  set_thread_count(1);  // the processor's time of one thread counts nobody's waiting
  const kernels::Sizes sizes = kernels::sizes_from(std::stoi(argv[2]), std::stol(argv[3]), argv[4]);
  fmt::print("{{{}}}\n", kernels::measured(sizes, model::mask_from_text(argv[1])));
}
