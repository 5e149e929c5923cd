// Seconds that expressions take, ours: heddle_einsum_rate EXPRESSION SHAPES… (2x3 3x4), in f32. With "attention" in
// place of the expression, and batch, length, heads and head width: the fused attention, and attention as two einsums
// around a softmax. Prints one JSON object; bench/einsum.py runs it beside its peer.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <sstream>
#include <string>

#include "bench/median.h"
#include "heddle/base/clock.h"
#include "heddle/base/memory.h"
#include "heddle/base/random.h"
#include "heddle/ops/attention.h"
#include "heddle/ops/einsum/einsum.h"
#include "heddle/ops/workspace.h"

namespace heddle::ops {
namespace {

constexpr double kSeconds = 1.0;  // of measuring

Tensor random_tensor(RandomStream& random, const Sizes& sizes) {
  Tensor tensor = Tensor::zeros(Shape(sizes), DType::f32);
  for (float& value : tensor.span<float>()) value = static_cast<float>(random.normal());
  return tensor;
}

// The median over calls, after one that does not count.
double seconds_of(const std::function<void()>& call) {
  Arena arena;
  std::vector<double> times;
  for (const double begin = steady_seconds(); steady_seconds() - begin < kSeconds || times.size() < 4;) {
    const double began = steady_seconds();
    {
      const Workspace workspace(arena);
      call();
    }
    times.push_back(steady_seconds() - began);
    arena.reset();
  }
  times.erase(times.begin());
  return median(std::move(times));
}

double expression(const std::string& text, const std::vector<Sizes>& shapes) {
  RandomStream random({1, 0, 0, 0});
  std::vector<Tensor> operands;
  for (const Sizes& shape : shapes) operands.push_back(random_tensor(random, shape));
  return seconds_of([&] { einsum(text, operands); });
}

void softmax(const Tensor& scores, float scale) {
  const auto width = static_cast<size_t>(scores.width());
  for (int64_t row = 0; row < scores.rows(); ++row) {
    const std::span<float> values = scores.span<float>().subspan(static_cast<size_t>(row) * width, width);
    const float most = *std::ranges::max_element(values);
    float sum = 0;
    for (float& value : values) sum += value = std::exp(scale * (value - most));
    for (float& value : values) value /= sum;
  }
}

// Seconds fused, and as einsums; of the latter those of the softmax between them.
std::string attention_both_ways(int64_t batch, int64_t length, int64_t heads, int64_t width) {
  RandomStream random({1, 0, 0, 0});
  std::vector<int32_t> offsets = {0}, position;
  std::vector<int64_t> example;
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t i = 0; i < length; ++i) {
      if (i == 0) offsets.push_back(offsets.back() + static_cast<int32_t>(length));
      example.push_back(b);
      position.push_back(static_cast<int32_t>(i));
    }
  const Rows rows{offsets, example, position};
  std::vector<Tensor> qkv;
  for (int i = 0; i < 3; ++i) qkv.push_back(random_tensor(random, {batch, length, heads, width}));
  std::vector<Tensor> packed;
  for (const Tensor& tensor : qkv) packed.push_back(tensor.reshape({batch * length, heads * width}));
  const double scale = 1 / std::sqrt(static_cast<double>(width));
  const AttentionOptions options = {.heads = static_cast<int>(heads), .scale = scale};
  const double fused = seconds_of([&] { ops::attention(packed[0], packed[1], packed[2], rows, rows, options); });
  const Tensor scores = einsum("bqhd,bkhd->bhqk", {qkv[0], qkv[1]});
  const double between = seconds_of([&] { softmax(scores, static_cast<float>(scale)); });
  const double products = seconds_of([&] {
    einsum("bhqk,bkhd->bqhd", {einsum("bqhd,bkhd->bhqk", {qkv[0], qkv[1]}), qkv[2]});
  });
  return fmt::format("\"fused_seconds\": {:.9f}, \"softmax_seconds\": {:.9f}, \"seconds\": {:.9f}", fused, between,
                     products + between);
}

Sizes sizes_from(std::string text) {
  std::ranges::replace(text, 'x', ' ');
  std::istringstream numbers(text);
  Sizes sizes;
  for (int64_t size; numbers >> size;) sizes.push_back(size);
  return sizes;
}

}  // namespace
}  // namespace heddle::ops

int main(int argc, char** argv) {
  using namespace heddle;
  if (argc < 3) {
    fmt::print(stderr, "usage: heddle_einsum_rate EXPRESSION SHAPE..., or attention BATCHxLENGTHxHEADSxWIDTH\n");
    return 2;
  }
  std::vector<ops::Sizes> shapes;
  for (int i = 2; i < argc; ++i) shapes.push_back(ops::sizes_from(argv[i]));
  const ops::Sizes& s = shapes[0];
  const std::string found = std::string(argv[1]) == "attention" && s.size() == 4
                                ? ops::attention_both_ways(s[0], s[1], s[2], s[3])
                                : fmt::format("\"seconds\": {:.9f}", ops::expression(argv[1], shapes));
  fmt::print("{{{}, \"peak_rss_bytes\": {}}}\n", found, peak_rss_bytes());
}
