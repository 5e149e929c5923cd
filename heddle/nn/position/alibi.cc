#include "heddle/nn/position/alibi.h"

#include <bit>
#include <cmath>

namespace heddle::nn::positions {

std::vector<double> Alibi::slopes(int heads) {
  const int power = static_cast<int>(std::bit_floor(static_cast<unsigned>(heads)));
  const auto slope = [](double head, double of) { return std::exp2(-8 * head / of); };
  std::vector<double> all;
  for (int h = 1; h <= power; ++h) all.push_back(slope(h, power));
  for (int h = 1; std::ssize(all) < heads; h += 2) all.push_back(slope(h, 2 * power));
  return all;
}

}  // namespace heddle::nn::positions
