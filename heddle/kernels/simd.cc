#include "heddle/kernels/simd.h"
#include "heddle/kernels/cpu/targets.h"

#include <hwy/targets.h>

#include <algorithm>

#include "heddle/base/error.h"

namespace heddle::kernels {
namespace {

struct Level {
  const char* name;
  int64_t target;
};
// SSE4 runs everywhere; Highway reports it only where AES is there too, which the kernels are built without.
constexpr Level kLevels[] = {{"AVX3", HWY_AVX3}, {"AVX2", HWY_AVX2}, {"SSE4", HWY_SSE4}};

int64_t supported_levels() { return hwy::SupportedTargets() | HWY_SSE4; }

}  // namespace

std::string simd_level() {
  const int64_t supported = supported_levels();
  return std::ranges::find_if(kLevels, [&](const Level& level) { return (supported & level.target) != 0; })->name;
}

void set_simd_level(const std::string& name) {
  const int64_t before = hwy::SupportedTargets();
  hwy::SetSupportedTargetsForTest(0);
  const int64_t supported = supported_levels();
  int64_t allowed = 0;
  for (const Level& level : kLevels)
    if (level.name == name || allowed != 0) allowed |= supported & level.target;
  hwy::SetSupportedTargetsForTest(allowed ? allowed : before);
  if (allowed == 0)
    fail_input("the SIMD level {} is unknown or this processor lacks it; choose SSE4, AVX2 or AVX3", name);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

}  // namespace heddle::kernels
