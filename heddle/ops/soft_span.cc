#include "heddle/ops/soft_span.h"

#include <algorithm>
#include <cmath>

#include "heddle/ops/dispatch.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {
namespace {

template <class T>
T share_of_longest(const Tensor& logits, int64_t head) {
  return 1 / (1 + std::exp(-logits.data<T>()[head]));
}

}  // namespace

Tensor span_loss(const Tensor& logits, double longest, double weight, const Rows& rows) {
  const double factor = weight * longest / static_cast<double>(logits.count());
  Tensor loss = new_tensor({1}, logits.dtype());
  with_real_type(logits.dtype(), [&]<class T>(T) {
    T sum = 0;
    for (int64_t h = 0; h < logits.count(); ++h) sum += share_of_longest<T>(logits, h);
    loss.data<T>()[0] = static_cast<T>(factor) * sum;
  });
  if (Tape* tape = recording({&logits}))
    tape->record({&logits}, {&loss}, rows, [logits = stop_gradient(logits), factor](Backward& b) {
      b.parameter(0, logits.shape(), logits.dtype(), [&](const Tensor& slot, int64_t begin, int64_t end) {
        const double part =
            static_cast<double>(end - begin) / static_cast<double>(std::max<int64_t>(1, b.rows().count()));
        with_real_type(logits.dtype(), [&]<class T>(T) {
          const T scale = static_cast<T>(factor * part) * b.gradient(0).template data<T>()[0];
          for (int64_t h = 0; h < logits.count(); ++h) {
            const T share = share_of_longest<T>(logits, h);
            slot.data<T>()[h] += scale * share * (1 - share);
          }
        });
      });
    });
  return loss;
}

int64_t span_reach(const Tensor& logits, double longest, double ramp) {
  double share = 0;
  with_real_type(logits.dtype(), [&]<class T>(T) {
    for (int64_t h = 0; h < logits.count(); ++h)
      share = std::max(share, static_cast<double>(share_of_longest<T>(logits, h)));
  });
  return static_cast<int64_t>(std::ceil(longest * share + ramp));
}

}  // namespace heddle::ops
