#include "heddle/ops/expert_exchange.h"

#include "heddle/kernels/dot.h"
#include "heddle/kernels/row_pieces.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {
namespace {

// An expert's tokens, and at which of the [rows, k] gates each stands. A token comes to an expert once, so that loops
// over them may run on several threads.
struct Pairs {
  const int32_t* token;
  const int32_t* choice;
  int64_t count;

  Pairs(const ExpertPlan& plan, int64_t expert) : count(plan.rows_of(expert)) {
    const int32_t begin = plan.order.begin[static_cast<size_t>(expert)];
    token = plan.order.token.data() + begin;
    choice = plan.order.choice.data() + begin;
  }
};

// body(pair).
template <class Body>
void over_pairs(const Pairs& pairs, int64_t width, Body&& body) {
  parallel_for(pairs.count, kernels::row_grain(2 * width), [&](int64_t begin, int64_t end, int) {
    for (int64_t p = begin; p < end; ++p) body(p);
  });
}

// to = or += factor·from.
template <class T>
void scale_row(T factor, const T* from, int64_t width, bool accumulate, T* to) {
  if (accumulate)
    for (int64_t c = 0; c < width; ++c) to[c] += factor * from[c];
  else
    for (int64_t c = 0; c < width; ++c) to[c] = factor * from[c];
}

}  // namespace

Tensor rows_of_expert(const Tensor& x, const Routing& routing, int64_t expert, const Rows& rows) {
  HEDDLE_CHECK(x.rows() * routing.plan->top_k == std::ssize(routing.plan->choices),
               "rows {} are not those that were routed", x.shape().text());
  const Pairs pairs(*routing.plan, expert);
  const int64_t width = x.width();
  Tensor y = new_tensor({pairs.count, width}, x.dtype());
  with_real_type(x.dtype(), [&]<class T>(T) {
    const T* from = x.data<T>();
    T* to = y.data<T>();
    over_pairs(pairs, width, [&](int64_t p) { std::copy_n(from + pairs.token[p] * width, width, to + p * width); });
  });
  if (Tape* tape = recording({&x}))
    tape->record({&x}, {&y}, rows, [plan = routing.plan, expert, shape = x.shape()](Backward& b) {
      if (!b.wants(0)) return;
      const Tensor& dy = b.gradient(0);
      const auto [dx, accumulate] = b.target(0, shape, dy.dtype());
      with_real_type(dy.dtype(), [&, target = dx, add = accumulate]<class T>(T) {
        const Pairs its(*plan, expert);
        const int64_t columns = dy.width();
        const T* from = dy.data<T>();
        T* to = target.template data<T>();
        if (!add) std::fill_n(to, target.count(), T{0});
        over_pairs(its, columns,
                   [&](int64_t p) { scale_row(T{1}, from + p * columns, columns, true, to + its.token[p] * columns); });
      });
    });
  return y;
}

Tensor add_of_expert(const Tensor& y, const Tensor& z, const Routing& routing, int64_t expert, const Rows& rows) {
  const Tensor& gates = routing.gates;
  const Pairs pairs(*routing.plan, expert);
  HEDDLE_CHECK(z.rows() == pairs.count && z.width() == y.width(), "results {} of an expert of {} rows do not fit {}",
               z.shape().text(), pairs.count, y.shape().text());
  const int64_t width = y.width();
  with_real_type(y.dtype(), [&]<class T>(T) {
    const T *from = z.data<T>(), *gate = gates.data<T>();
    T* to = y.data<T>();
    over_pairs(pairs, width, [&](int64_t p) {
      scale_row(gate[pairs.choice[p]], from + p * width, width, true, to + pairs.token[p] * width);
    });
  });
  Tensor sum = stop_gradient(y);
  if (Tape* tape = recording({&y, &z, &gates}))
    tape->record(
        {&y, &z, &gates}, {&sum}, rows,
        [z = tape->save(z), gates = tape->save(gates, SaveHint::exact), plan = routing.plan, expert](Backward& b) {
      const Tensor& dy = b.gradient(0);
      const Tensor results = z.load(), weights = gates.load();
      const Tensor dz = new_tensor(z.shape, z.dtype), dgates = new_zeros(weights.shape(), weights.dtype());
      with_real_type(dy.dtype(), [&]<class T>(T) {
        const Pairs its(*plan, expert);
        const int64_t columns = dy.width();
        const T *g = dy.data<T>(), *result = results.data<T>(), *gate = weights.data<T>();
        T *of_z = dz.data<T>(), *of_gate = dgates.data<T>();
        over_pairs(its, columns, [&](int64_t p) {
          const T* row = g + its.token[p] * columns;
          of_gate[its.choice[p]] = kernels::dot(row, result + p * columns, columns);
          scale_row(gate[its.choice[p]], row, columns, false, of_z + p * columns);
        });
      });
      if (b.wants(0)) b.pass(0, dy);
      if (b.wants(1)) b.pass(1, dz);
      if (b.wants(2)) b.pass(2, dgates);
        });
  return sum;
}

}  // namespace heddle::ops
