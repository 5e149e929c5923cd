#include "heddle/inspect/layer_states.h"

#include <algorithm>

#include "heddle/ops/residual_streams.h"

namespace heddle::inspect {
namespace {

bool is_state(std::string_view point) {
  return point.ends_with(".state") || point.ends_with(".embedded") || point.ends_with(".states");
}

// Numbers of one point, as they come.
struct Gathered {
  std::string point;
  int64_t width = 0;
  std::vector<float> rows = {}, first = {}, mean = {};
};

class StateReader : public nn::Probe {
 public:
  explicit StateReader(int64_t width) : width_(width) {}
  Tensor at(std::string_view point, const Tensor& value, const Rows& rows) override {
    if (!is_state(point)) return value;
    auto found = std::ranges::find(gathered, point, &Gathered::point);
    if (found == gathered.end()) {
      gathered.push_back({.point = std::string(point), .width = width_});
      found = gathered.end() - 1;
    }
    // Of several residual streams side by side (hyper-connections) their mean, which the model reads at its end.
    const Tensor state = value.width() == width_ ? value : ops::mean_of_streams(value, value.width() / width_, rows);
    const auto width = static_cast<size_t>(width_);
    std::vector<float> numbers(static_cast<size_t>(state.count()));
    copy_into(state, Tensor::borrow(numbers.data(), state.shape(), DType::f32));
    found->rows.insert(found->rows.end(), numbers.begin(), numbers.end());
    for (int64_t s = 0; s < rows.sequences(); ++s) {
      const auto at = static_cast<size_t>(s), begin = static_cast<size_t>(rows.offsets[at]),
                 end = static_cast<size_t>(rows.offsets[at + 1]);
      if (begin == end) continue;
      std::vector<float> mean(width);
      for (size_t r = begin; r < end; ++r)
        for (size_t c = 0; c < width; ++c) mean[c] += numbers[r * width + c] / static_cast<float>(end - begin);
      found->mean.insert(found->mean.end(), mean.begin(), mean.end());
      const auto first = numbers.begin() + static_cast<int64_t>(begin * width);
      found->first.insert(found->first.end(), first, first + width_);
    }
    return value;
  }
  std::vector<Gathered> gathered;

 private:
  int64_t width_;
};

Tensor matrix(const std::vector<float>& numbers, int64_t width) {
  return Tensor::from<float>({std::ssize(numbers) / std::max<int64_t>(1, width), width}, numbers);
}

}  // namespace

std::vector<LayerStates> layer_states(const Subject& subject, const Examples& examples) {
  StateReader reader(subject.model.config().width);
  run(subject, examples, &reader);
  std::vector<LayerStates> states;
  for (const Gathered& g : reader.gathered)
    states.push_back({g.point, matrix(g.rows, g.width), matrix(g.first, g.width), matrix(g.mean, g.width)});
  std::ranges::stable_partition(states, [](const LayerStates& s) { return of_encoder(s.point); });
  return states;
}

}  // namespace heddle::inspect
