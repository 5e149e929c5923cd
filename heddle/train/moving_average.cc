#include "heddle/train/moving_average.h"

#include <algorithm>

#include "heddle/base/thread_loop.h"
#include "heddle/ops/dispatch.h"

namespace heddle::train {

MovingAverage::MovingAverage(const nn::Parameters& parameters, const nn::WeightSet& weights, double decay)
    : average_(parameters, weights.dtype()), decay_(decay) {
  average_.copy_from(weights);
}

void MovingAverage::add(const nn::WeightSet& weights, int64_t step) {
  const double t = static_cast<double>(step), decay = std::min(decay_, (1 + t) / (10 + t));
  ops::with_real_type(average_.dtype(), [&]<class T>(T) {
    const T* const from = weights.flat().data<T>();
    T* const to = average_.flat().data<T>();
    const T share = static_cast<T>(1 - decay);
    parallel_for(average_.flat().shape().count(), 1 << 16, [&](int64_t begin, int64_t end, int) {
      for (int64_t i = begin; i < end; ++i) to[i] += share * (from[i] - to[i]);
    });
  });
  average_.touch();
}

}  // namespace heddle::train
