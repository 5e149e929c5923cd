#pragma once
// The exponential moving average of the weights over the steps, a model by itself that often generalises better than
// the weights of any one step (Polyak & Juditsky 1992; as Tensorflow's ExponentialMovingAverage warms it up):
//   average ← d·average + (1 - d)·weights,   d = min(decay, (1 + t)/(10 + t)) at step t
// so that the first steps, far from anything useful, are soon forgotten.

#include "heddle/nn/parameters.h"

namespace heddle::train {

class MovingAverage {
 public:
  // Starts as a copy of the weights; 0 < decay < 1.
  MovingAverage(const nn::Parameters& parameters, const nn::WeightSet& weights, double decay);

  // After step `step`, counted from 1.
  void add(const nn::WeightSet& weights, int64_t step);

  nn::WeightSet& weights() { return average_; }

 private:
  nn::WeightSet average_;
  double decay_;
};

}  // namespace heddle::train
