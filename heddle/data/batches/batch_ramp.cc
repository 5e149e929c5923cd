#include "heddle/data/batches/batch_ramp.h"

#include <algorithm>

#include "heddle/base/error.h"

namespace heddle::data {

void BatchRamp::check() const {
  if (from < 1 || to < from || steps < 0 || multiple < 1)
    fail_input("a batch that grows from {} to {} tokens in {} steps, by multiples of {}; expected 1 or more, growing",
               from, to, steps, multiple);
}

int64_t BatchRamp::batch_tokens(int64_t step) const {
  if (step >= steps) return to;
  const double way = static_cast<double>(std::max<int64_t>(step, 0)) / static_cast<double>(steps);
  const auto tokens = from + static_cast<int64_t>(static_cast<double>(to - from) * way);
  return std::clamp(tokens / multiple * multiple, std::min(multiple, to), to);
}

}  // namespace heddle::data
