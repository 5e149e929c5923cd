#include "heddle/nn/position/sinusoidal.h"

#include "heddle/kernels/sinusoidal.h"

namespace heddle::nn::positions {

Sinusoidal::Sinusoidal(const Place&, const PositionConfig& config)
    : f32_(Tensor::zeros({config.max_length, config.width}, DType::f32)),
      f64_(Tensor::zeros({config.max_length, config.width}, DType::f64)) {
  kernels::sinusoidal_positions(config.max_length, config.width, f64_.data<double>());
  copy_into(f64_, f32_);
}

}  // namespace heddle::nn::positions
