#pragma once
// How far a model magnifies roundings: its gradients in double once more, with an error of the size of a rounding to
// single precision on every number that an operation hands on, forwards and backwards, attention's weights included.

#include "heddle/ops/dispatch.h"
#include "tests/model/tiny_model.h"

namespace heddle::model {

class Roundings : public ops::Watch, public nn::Probe {
 public:
  explicit Roundings(uint64_t seed) : random_({seed, 0, 0, 0}), on_weights_(OnScores{}, OnWeights{this}) {}

  void value(const Tensor& output) override {
    ops::with_real_type(output.dtype(), [&]<class T>(T) {
      for (T& each : output.span<T>()) each *= static_cast<T>(factor());
    });
  }
  Tensor gradient(const Tensor& gradient) override {
    const Tensor changed = Tensor::zeros(gradient.shape(), gradient.dtype());
    copy_into(gradient, changed);
    value(changed);
    return changed;
  }
  ops::AttentionProbe* attention(std::string_view) override { return &on_weights_; }

 private:
  double factor() { return 1 + 0x1p-24 * random_.normal(); }
  struct OnScores {
    void operator()(int64_t, int, int64_t, int64_t, auto*) {}
  };
  struct OnWeights {
    void operator()(int64_t, int, int64_t rows, int64_t columns, auto* weights) {
      for (int64_t i = 0; i < rows * columns; ++i)
        weights[i] *= static_cast<std::remove_reference_t<decltype(*weights)>>(roundings->factor());
    }
    Roundings* roundings;
  };

  RandomStream random_;
  ops::AttentionProbeOf<OnScores, OnWeights> on_weights_;
};

// How far roundings move the gradients, relative to their size, and the loss: the most of several draws.
struct Moved {
  double gradients = 0, loss = 0;
};

// Past this the size of what roundings do says nothing of other roundings: norms of few numbers, one behind the other,
// make of two rows of the same token what roundings want.
inline constexpr double kChaos = 1e-2;

// Of a model in double that has gathered gradients of this batch, which made this loss.
inline Moved moved_by_roundings(const TinyModel& exact, double loss, const ModelConfig& config, const TinyBatch& batch,
                                uint64_t seed) {
  Moved most;
  for (uint64_t draw = 0; draw < 3; ++draw) {
    TinyModel rounded(config);
    rounded.weights.copy_from(exact.weights);
    Roundings roundings(seed + draw);
    rounded.probe = &roundings;
    const double moved_loss = rounded.add_gradients(batch, false, &roundings);
    most.gradients = std::max(most.gradients, relative(rounded.gradients.flat(), exact.gradients.flat()));
    most.loss = std::max(most.loss, std::abs(moved_loss - loss));
  }
  return most;
}

}  // namespace heddle::model
