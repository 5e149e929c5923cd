#include "heddle/kernels/offset_attention.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "heddle/base/thread_loop.h"
#include "heddle/kernels/operation_count.h"

namespace heddle::kernels {
namespace {

template <class T>
T dot_of(const T* a, const T* b, int64_t count) {
  T sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t c = 0; c < count; ++c) sum += a[c] * b[c];
  return sum;
}

// to += factor·from.
template <class T>
void add_to_row(T factor, const T* from, int64_t count, T* to) {
#pragma omp simd
  for (int64_t c = 0; c < count; ++c) to[c] += factor * from[c];
}

// A place between the keys `low` and `low + 1` of a sequence, a fraction from the first to the second; the second is
// not read where the fraction is 0.
template <class T>
struct SamplePlace {
  int64_t low = 0;
  T fraction = 0;
  T slope = 0;  // of the place by its offset: 0 where the ends hold it
  T weight = 0, factor = 1;
};

// The queries of one sequence in one head.
template <class T>
class OffsetSlice {
 public:
  OffsetSlice(const OffsetAttention<T>& call, int64_t sequence, int head)
      : call_(call),
        sequence_(sequence),
        head_(head),
        key_sequence_(call.source.key_sequence(sequence)),
        length_(call.source.length[static_cast<size_t>(key_sequence_)]),
        query_start_(start_of(call.source.query_start, sequence)),
        key_start_(start_of(call.source.key_start, key_sequence_)),
        first_row_(call.queries.offsets[static_cast<size_t>(sequence)]),
        key_head_(head / (call.query_heads / call.key_heads)) {}

  int64_t rows() const { return call_.queries.offsets[static_cast<size_t>(sequence_) + 1] - first_row_; }
  int64_t row(int64_t i) const { return first_row_ + i; }
  bool sees_nothing() const { return length_ == 0; }
  const T* query(int64_t i) const { return call_.queries.q + row(i) * call_.queries.stride + head_ * call_.key_width; }
  const T* key(int64_t j) const {
    return call_.source.keys + key_row(j) * call_.source.key_stride + key_head_ * call_.key_width;
  }
  const T* value(int64_t j) const {
    return call_.source.values + key_row(j) * call_.source.value_stride + key_head_ * call_.value_width;
  }
  T* key_gradient(const KeyGradients<T>& keys, int64_t j) const {
    return keys.dkeys + key_row(j) * keys.key_stride + key_head_ * call_.key_width;
  }
  T* value_gradient(const KeyGradients<T>& keys, int64_t j) const {
    return keys.dvalues + key_row(j) * keys.value_stride + key_head_ * call_.value_width;
  }

  using Places = std::array<SamplePlace<T>, kMostOffsets>;

  // Where query i looks, and with which weights.
  void look(int64_t i, Places& places) const {
    T top = -std::numeric_limits<T>::infinity();
    for (int s = 0; s < call_.samples; ++s) {
      SamplePlace<T>& place = places[static_cast<size_t>(s)];
      place = place_of(i, s);
      T score = (1 - place.fraction) * dot_of(query(i), key(place.low), call_.key_width);
      if (place.fraction > 0) score += place.fraction * dot_of(query(i), key(place.low + 1), call_.key_width);
      place.weight = call_.scale * score;
      top = std::max(top, place.weight);
    }
    T sum = 0;
    for (int s = 0; s < call_.samples; ++s)
      sum += places[static_cast<size_t>(s)].weight = std::exp(places[static_cast<size_t>(s)].weight - top);
    for (int s = 0; s < call_.samples; ++s) {
      places[static_cast<size_t>(s)].weight /= sum;
      places[static_cast<size_t>(s)].factor = kept(i, s);
    }
  }

 private:
  static int64_t start_of(std::span<const int32_t> starts, int64_t sequence) {
    return starts.empty() ? 0 : starts[static_cast<size_t>(sequence)];
  }
  int64_t key_row(int64_t j) const { return call_.source.row(key_sequence_, j); }

  // Offsets may be any number, infinite ones too: the ends are asked before anything is counted. The fraction is that
  // of the offset alone, which a large position would round.
  SamplePlace<T> place_of(int64_t i, int s) const {
    const T learned = call_.offsets[head_ * call_.samples + s], offset = call_.causal ? -std::abs(learned) : learned;
    const int64_t own = query_start_ + i - key_start_, last = call_.causal ? std::min(own, length_ - 1) : length_ - 1;
    if (!(offset > static_cast<T>(-own))) return {};
    if (offset >= static_cast<T>(last - own)) return {.low = last};
    const T whole = std::floor(offset);
    return {.low = own + static_cast<int64_t>(whole),
            .fraction = offset - whole,
            .slope = call_.causal && learned > 0 ? T{-1} : T{1}};
  }
  T kept(int64_t i, int s) const {
    if (!call_.dropout.active()) return 1;
    const bool dropped =
        random16(mix64(call_.dropout.key ^ static_cast<uint64_t>(head_)),
                 static_cast<uint64_t>(call_.dropout.example[sequence_]), static_cast<uint32_t>(query_start_ + i),
                 static_cast<uint32_t>(s)) < call_.dropout.threshold;
    return dropped ? T{0} : static_cast<T>(call_.dropout.scale);
  }

  const OffsetAttention<T>& call_;
  int64_t sequence_;
  int head_;
  int64_t key_sequence_, length_, query_start_, key_start_, first_row_;
  int key_head_;
};

template <class T>
void mix_places(const OffsetAttention<T>& call, const OffsetSlice<T>& slice, int head, T* out, int64_t out_stride) {
  typename OffsetSlice<T>::Places places;
  for (int64_t i = 0; i < slice.rows(); ++i) {
    T* result = out + slice.row(i) * out_stride + head * call.value_width;
    std::fill_n(result, call.value_width, T{0});
    if (slice.sees_nothing()) continue;
    slice.look(i, places);
    for (int s = 0; s < call.samples; ++s) {
      const SamplePlace<T>& place = places[static_cast<size_t>(s)];
      const T weight = place.weight * place.factor;
      add_to_row(weight * (1 - place.fraction), slice.value(place.low), call.value_width, result);
      if (place.fraction > 0) add_to_row(weight * place.fraction, slice.value(place.low + 1), call.value_width, result);
    }
  }
  count_operations(Operation::attention, 4 * slice.rows() * call.samples * (call.key_width + call.value_width));
}

// What query i of a slice hands on, given where it looked and the gradients of its weights' scores.
template <class T>
void hand_on(const OffsetAttention<T>& call, const OffsetSlice<T>& slice, int64_t i, const SamplePlace<T>& place,
             T dscore, const T* dout, const OffsetAttentionGradients<T>& gradients, T* dq, T* doffset) {
  const T weight = place.weight * place.factor, share[2] = {1 - place.fraction, place.fraction};
  const int64_t keys = place.slope != 0 ? 2 : 1;
  T along = 0;  // of the loss as the place moves
  for (int64_t side = 0; side < keys; ++side) {
    const int64_t j = place.low + side;
    add_to_row(dscore * share[side], slice.key(j), call.key_width, dq);
    add_to_row(dscore * share[side], slice.query(i), call.key_width, slice.key_gradient(gradients.keys, j));
    add_to_row(weight * share[side], dout, call.value_width, slice.value_gradient(gradients.keys, j));
    const T sign = side == 0 ? T{-1} : T{1};
    along += sign * (dscore * dot_of(slice.query(i), slice.key(j), call.key_width) +
                     weight * dot_of(dout, slice.value(j), call.value_width));
  }
  if (keys == 2) *doffset += place.slope * along;
}

template <class T>
void pass_back(const OffsetAttention<T>& call, const OffsetSlice<T>& slice, int64_t sequence, int head,
               const OffsetAttentionGradients<T>& gradients) {
  typename OffsetSlice<T>::Places places;
  std::array<T, kMostOffsets> dweight;
  T* doffsets = gradients.doffsets + (sequence * call.query_heads + head) * call.samples;
  for (int64_t i = 0; i < slice.rows() && !slice.sees_nothing(); ++i) {
    const T* dout = gradients.dout + slice.row(i) * gradients.dout_stride + head * call.value_width;
    T* dq = gradients.dq + slice.row(i) * gradients.dq_stride + head * call.key_width;
    slice.look(i, places);
    T row_sum = 0;
    for (int s = 0; s < call.samples; ++s) {
      const SamplePlace<T>& place = places[static_cast<size_t>(s)];
      T product = (1 - place.fraction) * dot_of(dout, slice.value(place.low), call.value_width);
      if (place.fraction > 0) product += place.fraction * dot_of(dout, slice.value(place.low + 1), call.value_width);
      dweight[static_cast<size_t>(s)] = product * place.factor;
      row_sum += place.weight * product * place.factor;
    }
    for (int s = 0; s < call.samples; ++s) {
      const SamplePlace<T>& place = places[static_cast<size_t>(s)];
      const T dscore = call.scale * place.weight * (dweight[static_cast<size_t>(s)] - row_sum);
      hand_on(call, slice, i, place, dscore, dout, gradients, dq, doffsets + s);
    }
  }
}

// body(sequence, head): all heads of one key head on one thread.
template <class T, class Body>
void over_slices(const OffsetAttention<T>& call, Body&& body) {
  const int64_t sequences = call.queries.offsets.empty() ? 0 : std::ssize(call.queries.offsets) - 1;
  const int group = call.query_heads / call.key_heads;
  parallel_for(sequences * call.key_heads, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t unit = begin; unit < end; ++unit) {
      const auto key_head = static_cast<int>(unit % call.key_heads);
      for (int head = key_head * group; head < (key_head + 1) * group; ++head) body(unit / call.key_heads, head);
    }
  });
}

}  // namespace

template <class T>
void offset_attention(const OffsetAttention<T>& call, T* out, int64_t out_stride) {
  over_slices(call, [&](int64_t sequence, int head) {
    mix_places(call, OffsetSlice<T>(call, sequence, head), head, out, out_stride);
  });
}

template <class T>
void offset_attention_backward(const OffsetAttention<T>& call, const OffsetAttentionGradients<T>& gradients) {
  over_slices(call, [&](int64_t sequence, int head) {
    pass_back(call, OffsetSlice<T>(call, sequence, head), sequence, head, gradients);
  });
}

#define HEDDLE_INSTANTIATE(T)                                             \
  template void offset_attention(const OffsetAttention<T>&, T*, int64_t); \
  template void offset_attention_backward(const OffsetAttention<T>&, const OffsetAttentionGradients<T>&);
HEDDLE_INSTANTIATE(float)
HEDDLE_INSTANTIATE(double)
#undef HEDDLE_INSTANTIATE

}  // namespace heddle::kernels
