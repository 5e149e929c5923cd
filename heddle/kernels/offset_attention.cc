#include "heddle/kernels/offset_attention.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "heddle/base/thread_loop.h"
#include "heddle/kernels/operation_count.h"
#include "heddle/kernels/row_products.h"

namespace heddle::kernels {
namespace {

// A place at the key `low` of a sequence, or between it and the next, a fraction from the first to the second.
template <class T>
struct SamplePlace {
  int64_t low = 0;
  T fraction = 0;
  T slope = 0;  // of the place by its offset: 0 where the ends hold it, and there is no next key
};

// Where one query looks, and with which weights. The keys that it reads stand one after the other: of each place its
// one or two.
template <class T>
struct Look {
  template <class V>
  using PerKey = std::array<V, 2 * kMostOffsets>;
  template <class V>
  using PerPlace = std::array<V, kMostOffsets>;

  size_t keys_read = 0;
  PerKey<const T*> keys, values;
  PerKey<int64_t> key;  // its number in the sequence
  PerKey<size_t> place;
  PerKey<T> share;    // of the key in its place
  PerKey<T> product;  // scale·q·k
  PerPlace<T> slope, weight, factor;

  std::span<const T* const> key_rows() const { return {keys.data(), keys_read}; }
  std::span<const T* const> value_rows() const { return {values.data(), keys_read}; }

  // Σ share·of_keys over the keys of each place.
  PerPlace<T> of_places(const PerKey<T>& of_keys) const {
    PerPlace<T> sums{};
    for (size_t r = 0; r < keys_read; ++r) sums[place[r]] += share[r] * of_keys[r];
    return sums;
  }
  // share·of_places for each key.
  PerKey<T> of_keys(const PerPlace<T>& of_places) const {
    PerKey<T> shares;
    for (size_t r = 0; r < keys_read; ++r) shares[r] = share[r] * of_places[place[r]];
    return shares;
  }
  // What each place has of the result.
  PerPlace<T> kept_weights(size_t places) const {
    PerPlace<T> kept{};
    for (size_t s = 0; s < places; ++s) kept[s] = weight[s] * factor[s];
    return kept;
  }
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
  std::span<const T> query(int64_t i) const {
    return {call_.queries.q + row(i) * call_.queries.stride + head_ * call_.key_width,
            static_cast<size_t>(call_.key_width)};
  }
  T* key_gradient(const KeyGradients<T>& keys, int64_t j) const {
    return keys.dkeys + key_row(j) * keys.key_stride + key_head_ * call_.key_width;
  }
  T* value_gradient(const KeyGradients<T>& keys, int64_t j) const {
    return keys.dvalues + key_row(j) * keys.value_stride + key_head_ * call_.value_width;
  }

  void look(int64_t i, Look<T>& look) const {
    find(i, look);
    row_products(query(i), look.key_rows(), call_.scale, look.product.data());
    look.weight = look.of_places(look.product);
    const std::span<T> weights(look.weight.data(), static_cast<size_t>(call_.samples));
    const T top = *std::max_element(weights.begin(), weights.end());
    T sum = 0;
    for (T& weight : weights) sum += weight = std::exp(weight - top);
    for (T& weight : weights) weight /= sum;
  }

 private:
  static int64_t start_of(std::span<const int32_t> starts, int64_t sequence) {
    return starts.empty() ? 0 : starts[static_cast<size_t>(sequence)];
  }
  int64_t key_row(int64_t j) const { return call_.source.row(key_sequence_, j); }

  void find(int64_t i, Look<T>& look) const {
    look.keys_read = 0;
    for (int s = 0; s < call_.samples; ++s) {
      const auto at = static_cast<size_t>(s);
      const SamplePlace<T> place = place_of(i, s);
      look.slope[at] = place.slope;
      look.factor[at] = kept(i, s);
      add_key(look, at, place.low, 1 - place.fraction);
      if (place.slope != 0) add_key(look, at, place.low + 1, place.fraction);
    }
  }
  void add_key(Look<T>& look, size_t place, int64_t j, T share) const {
    const size_t r = look.keys_read++;
    look.keys[r] = call_.source.keys + key_row(j) * call_.source.key_stride + key_head_ * call_.key_width;
    look.values[r] = call_.source.values + key_row(j) * call_.source.value_stride + key_head_ * call_.value_width;
    look.key[r] = j;
    look.place[r] = place;
    look.share[r] = share;
  }

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
  Look<T> look;
  for (int64_t i = 0; i < slice.rows(); ++i) {
    const std::span<T> result(out + slice.row(i) * out_stride + head * call.value_width,
                              static_cast<size_t>(call.value_width));
    std::ranges::fill(result, T{0});
    if (slice.sees_nothing()) continue;
    slice.look(i, look);
    const auto weights = look.of_keys(look.kept_weights(static_cast<size_t>(call.samples)));
    add_weighted_rows(weights.data(), look.value_rows(), result);
  }
  count_operations(Operation::attention, 4 * slice.rows() * call.samples * (call.key_width + call.value_width));
}

// The gradients of the places' scores, through softmax and dropout, from the products dout·v of their keys.
template <class T>
typename Look<T>::template PerPlace<T> score_gradients(const Look<T>& look, size_t places,
                                                       const typename Look<T>::template PerKey<T>& of_values) {
  auto gradients = look.of_places(of_values);
  T mean = 0;
  for (size_t s = 0; s < places; ++s) mean += look.weight[s] * (gradients[s] *= look.factor[s]);
  for (size_t s = 0; s < places; ++s) gradients[s] = look.weight[s] * (gradients[s] - mean);
  return gradients;
}

template <class T>
void pass_back(const OffsetAttention<T>& call, const OffsetSlice<T>& slice, int64_t sequence, int head,
               const OffsetAttentionGradients<T>& gradients) {
  const auto samples = static_cast<size_t>(call.samples);
  Look<T> look;
  typename Look<T>::template PerKey<T> of_values;
  typename Look<T>::template PerKey<T*> dkeys, dvalues;
  T* doffsets = gradients.doffsets + (sequence * call.query_heads + head) * call.samples;
  for (int64_t i = 0; i < slice.rows() && !slice.sees_nothing(); ++i) {
    const std::span<const T> dout(gradients.dout + slice.row(i) * gradients.dout_stride + head * call.value_width,
                                  static_cast<size_t>(call.value_width));
    const std::span<T> dq(gradients.dq + slice.row(i) * gradients.dq_stride + head * call.key_width,
                          static_cast<size_t>(call.key_width));
    slice.look(i, look);
    row_products(dout, look.value_rows(), T{1}, of_values.data());
    const auto dscores = score_gradients(look, samples, of_values);
    const auto kept = look.kept_weights(samples);
    auto to_keys = look.of_keys(dscores);
    const auto to_values = look.of_keys(kept);
    for (size_t r = 0; r < look.keys_read; ++r) {
      to_keys[r] *= call.scale;
      dkeys[r] = slice.key_gradient(gradients.keys, look.key[r]);
      dvalues[r] = slice.value_gradient(gradients.keys, look.key[r]);
      // As the place moves it has less of its first key, and as much more of its second.
      const size_t s = look.place[r];
      const T sign = r > 0 && look.place[r - 1] == s ? T{1} : T{-1};
      doffsets[s] += sign * look.slope[s] * (dscores[s] * look.product[r] + kept[s] * of_values[r]);
    }
    add_weighted_rows(to_keys.data(), look.key_rows(), dq);
    add_to_rows(to_keys.data(), slice.query(i), std::span<T* const>(dkeys.data(), look.keys_read));
    add_to_rows(to_values.data(), dout, std::span<T* const>(dvalues.data(), look.keys_read));
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
