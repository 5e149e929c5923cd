#include "heddle/ops/length_projection.h"

#include "heddle/ops/product.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {
namespace {

// Where sequence s lies in x and in the table.
struct Span {
  int64_t begin, count, position;

  Span(const Rows& rows, int64_t s) {
    begin = rows.offsets[static_cast<size_t>(s)];
    count = rows.real_rows(s);
    position = count > 0 ? rows.position[static_cast<size_t>(begin)] : 0;
  }
  Tensor of_rows(const Tensor& x) const { return x.row_range(begin, begin + count); }
  Tensor of_table(const Tensor& table) const { return table.column_range(position, position + count); }
};

Tensor of_sequence(const Tensor& y, int64_t s, int64_t length) { return y.row_range(s * length, (s + 1) * length); }

}  // namespace

Tensor project_length(const Tensor& x, const Tensor& table, const Rows& rows) {
  const int64_t length = table.rows();
  Tensor y = new_zeros({rows.sequences() * length, x.width()}, x.dtype());
  for (int64_t s = 0; s < rows.sequences(); ++s) {
    const Span span(rows, s);
    if (span.count == 0) continue;
    HEDDLE_CHECK(span.position + span.count <= table.width(), "position {} of a sequence is beyond the {} of a table",
                 span.position + span.count - 1, table.width());
    product_into(span.of_table(table), span.of_rows(x), Transposed::none, Compute::f32, of_sequence(y, s, length),
                 false);
  }
  if (Tape* tape = recording({&x, &table}))
    tape->record({&x, &table}, {&y}, rows, [x = tape->save(x), table = stop_gradient(table), length](Backward& b) {
      const Tensor& dy = b.gradient(0);
      const Tensor value = x.load();
      if (b.wants(0)) {
        const Tensor dx = new_zeros(x.shape, x.dtype);  // padding has none
        for (int64_t s = 0; s < b.rows().sequences(); ++s) {
          const Span span(b.rows(), s);
          if (span.count > 0)
            product_into(span.of_table(table), of_sequence(dy, s, length), Transposed::a, Compute::f32,
                         span.of_rows(dx), false);
        }
        b.pass(0, dx);
      }
      b.parameter(1, table.shape(), table.dtype(), [&](const Tensor& slot, int64_t begin, int64_t end) {
        for (int64_t s = 0; s < b.rows().sequences(); ++s) {
          const Span span(b.rows(), s);
          if (span.count > 0 && span.begin >= begin && span.begin < end)
            product_into(of_sequence(dy, s, length), span.of_rows(value), Transposed::b, Compute::f32,
                         span.of_table(slot), true);
        }
      });
    });
  return y;
}

Rows projected_rows(int64_t sequences, int64_t length, Tensor& memory) {
  const int64_t count = sequences + 1;
  int32_t* offsets = nullptr;
  if (Tape* tape = Tape::current()) {
    offsets = static_cast<int32_t*>(tape->arena().take_permanent(count * static_cast<int64_t>(sizeof(int32_t))));
  } else {
    memory = new_tensor({count}, DType::i32);
    offsets = memory.data<int32_t>();
  }
  for (int64_t s = 0; s < count; ++s) offsets[s] = static_cast<int32_t>(s * length);
  return {{offsets, static_cast<size_t>(count)}, {}, {}};
}

}  // namespace heddle::ops
