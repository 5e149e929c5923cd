#include "heddle/ops/accumulate.h"

#include "heddle/base/thread_loop.h"
#include "heddle/ops/dispatch.h"

namespace heddle::ops {

void accumulate(const Tensor& from, const Tensor& into) {
  HEDDLE_CHECK(from.count() == into.count() && from.dtype() == into.dtype(), "cannot add a gradient {} {} to {} {}",
               name_of(from.dtype()), from.shape().text(), name_of(into.dtype()), into.shape().text());
  with_real_type(from.dtype(), [&]<class T>(T) {
    const T* source = from.span<T>().data();
    T* target = into.span<T>().data();
    parallel_for(from.count(), 1 << 15, [&](int64_t begin, int64_t end, int) {
      for (int64_t i = begin; i < end; ++i) target[i] += source[i];
    });
  });
}

}  // namespace heddle::ops
