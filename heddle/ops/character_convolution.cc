#include "heddle/ops/character_convolution.h"

#include <algorithm>

#include "heddle/kernels/dot.h"
#include "heddle/kernels/row_pieces.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/tape.h"

namespace heddle::ops {
namespace {

// The characters of the tokens, and how a filter walks over them.
struct Walk {
  std::span<const int32_t> codes;
  int64_t length, width, taps;  // codes of a token; numbers of a character; characters of a filter

  std::span<const int32_t> of(int64_t token) const {
    return codes.subspan(static_cast<size_t>(token * length), static_cast<size_t>(length));
  }
  // Places where the filter stands on a token.
  int64_t places(int64_t token) const {
    const auto its = of(token);
    const auto count = static_cast<int64_t>(std::ranges::find(its, 0) - its.begin());
    return std::max<int64_t>(count - taps, 0) + 1;
  }
  // The characters' vectors one after the other, as far as the filter goes.
  template <class T>
  void gather(int64_t token, const T* table, T* to) const {
    const auto its = of(token);
    for (int64_t j = 0; j < places(token) + taps - 1; ++j)
      std::copy_n(table + its[static_cast<size_t>(j)] * width, width, to + j * width);
  }
};

// The best place of each filter, and what it answers there.
template <class T>
void find_maxima(const Walk& walk, int64_t token, const T* characters, const Tensor& filter, T* y, int32_t* place) {
  const int64_t size = walk.taps * walk.width, places = walk.places(token);
  for (int64_t f = 0; f < filter.rows(); ++f) {
    place[f] = 0;
    for (int64_t p = 0; p < places; ++p) {
      const T answer = kernels::dot(filter.data<T>() + f * size, characters + p * walk.width, size);
      if (p > 0 && !(answer > y[f])) continue;
      y[f] = answer;
      place[f] = static_cast<int32_t>(p);
    }
  }
}

}  // namespace

Tensor character_convolution(std::span<const int32_t> codes, int64_t length, const Tensor& table, const Tensor& filter,
                             const Rows& rows) {
  const Walk walk = {codes, length, table.width(), filter.width() / table.width()};
  const int64_t tokens = std::ssize(codes) / length, filters = filter.rows();
  HEDDLE_CHECK(walk.taps >= 1 && walk.taps <= length && filter.width() == walk.taps * walk.width,
               "filters {} do not fit {} characters of width {}", filter.shape().text(), length, walk.width);
  for (const int32_t code : codes)
    HEDDLE_CHECK(code >= 0 && code < table.rows(), "character code {} of {}", code, table.rows());
  Tensor y = new_tensor({tokens, filters}, table.dtype());
  const Tensor place = new_tensor({tokens, filters}, DType::i32);
  const Tensor gathered = new_tensor({thread_count(), length * walk.width}, table.dtype());
  with_real_type(table.dtype(), [&]<class T>(T) {
    parallel_for(tokens, kernels::row_grain(length * filter.count()), [&](int64_t begin, int64_t end, int lane) {
      T* characters = gathered.data<T>() + lane * gathered.width();
      for (int64_t t = begin; t < end; ++t) {
        walk.gather(t, table.data<T>(), characters);
        find_maxima(walk, t, characters, filter, y.data<T>() + t * filters, place.data<int32_t>() + t * filters);
      }
    });
  });
  if (Tape* tape = recording({&table, &filter}))
    tape->record({&table, &filter}, {&y}, rows,
                 [walk, place = tape->save(place, SaveHint::exact), table = stop_gradient(table),
                  filter = stop_gradient(filter)](Backward& b) {
      const Tensor best = place.load();
      const Tensor& dy = b.gradient(0);
      const int64_t size = filter.width(), width = walk.width, count = filter.rows();
      // visit(slope, numbers of the filter, code at each of its taps)
      const auto over = [&]<class T>(T, int64_t begin, int64_t end, auto&& visit) {
        for (int64_t t = begin; t < end; ++t)
          for (int64_t f = 0; f < count; ++f)
            visit(dy.data<T>()[t * count + f], f,
                  walk.of(t).subspan(static_cast<size_t>(best.data<int32_t>()[t * count + f]),
                                     static_cast<size_t>(walk.taps)));
      };
      with_real_type(table.dtype(), [&]<class T>(T real) {
        b.parameter(0, table.shape(), table.dtype(), [&](const Tensor& slot, int64_t begin, int64_t end) {
          over(real, begin, end, [&](T slope, int64_t f, std::span<const int32_t> under) {
            const T* from = filter.data<T>() + f * size;
            for (size_t j = 0; j < under.size(); ++j)
              for (int64_t c = 0; c < width; ++c)
                slot.data<T>()[under[j] * width + c] += slope * from[static_cast<int64_t>(j) * width + c];
          });
        });
        b.parameter(1, filter.shape(), filter.dtype(), [&](const Tensor& slot, int64_t begin, int64_t end) {
          over(real, begin, end, [&](T slope, int64_t f, std::span<const int32_t> under) {
            T* to = slot.data<T>() + f * size;
            for (size_t j = 0; j < under.size(); ++j)
              for (int64_t c = 0; c < width; ++c)
                to[static_cast<int64_t>(j) * width + c] += slope * table.data<T>()[under[j] * width + c];
          });
        });
      });
    });
  return y;
}

}  // namespace heddle::ops
