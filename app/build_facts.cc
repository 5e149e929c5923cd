#include "app/build_facts.h"

#include <fmt/format.h>

#include "heddle/kernels/matmul.h"
#include "heddle/kernels/simd.h"

namespace heddle::app {

std::string build_facts() {
  return fmt::format(
      "heddle {}\nbuilt by {} ({}), with {}\nSIMD levels SSE4, AVX2, AVX3; here {}; bfloat16 products {}",
      HEDDLE_VERSION, HEDDLE_COMPILER, HEDDLE_BUILD_TYPE, kernels::product_library(), kernels::simd_level(),
      kernels::bf16_is_fast() ? "fast" : "emulated");
}

}  // namespace heddle::app
