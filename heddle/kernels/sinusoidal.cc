#include "heddle/kernels/sinusoidal.h"

#include <cmath>

namespace heddle::kernels {

void sinusoidal_positions(int64_t length, int64_t width, double* table) {
  for (int64_t i = 0; i < width / 2; ++i) {
    const double rate = std::pow(10000.0, -2.0 * static_cast<double>(i) / static_cast<double>(width));
    for (int64_t p = 0; p < length; ++p) {
      table[p * width + 2 * i] = std::sin(static_cast<double>(p) * rate);
      table[p * width + 2 * i + 1] = std::cos(static_cast<double>(p) * rate);
    }
  }
}

}  // namespace heddle::kernels
