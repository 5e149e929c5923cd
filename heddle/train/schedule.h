#pragma once
// The learning rate of a step: a linear warm-up to the peak, then a decay.
//
// inverse_sqrt: peak·√(warmup/step) (Vaswani et al. 2017); cosine (Loshchilov & Hutter 2017) and linear fall to
// `floor`·peak at the last step; constant stays.

#include <cstdint>
#include <string>

namespace heddle::train {

struct Schedule {
  std::string kind = "inverse_sqrt";  // inverse_sqrt, cosine, linear, constant
  double peak = 1e-3;
  int64_t warmup = 1000;  // steps
  int64_t last_step = 0;  // for cosine and linear
  double floor = 0.0;     // share of the peak

  // step counts from 1.
  double rate(int64_t step) const;
};

}  // namespace heddle::train
