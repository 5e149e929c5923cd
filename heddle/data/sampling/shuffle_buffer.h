#pragma once
// A stream in nearly random order, with `capacity` values in memory: each value that comes in replaces a random one,
// which goes out. The order depends on the seed alone; a value moves forward by less than `capacity` places.

#include <optional>
#include <utility>
#include <vector>

#include "heddle/base/random.h"

namespace heddle::data {

template <class T>
class ShuffleBuffer {
 public:
  // capacity ≥ 1; 1 keeps the order.
  ShuffleBuffer(size_t capacity, RandomKey key) : capacity_(capacity < 1 ? 1 : capacity), random_(key) {}

  // Puts a value in; once the buffer is full, one comes out.
  std::optional<T> push(T value) {
    if (values_.size() + 1 < capacity_) {
      values_.push_back(std::move(value));
      return {};
    }
    const size_t at = random_.below(capacity_);
    if (at < values_.size()) std::swap(values_[at], value);
    return value;
  }
  // When no more come in: one of those left, until none is.
  std::optional<T> pop() {
    if (values_.empty()) return {};
    std::swap(values_[random_.below(values_.size())], values_.back());
    std::optional<T> value = std::move(values_.back());
    values_.pop_back();
    return value;
  }

 private:
  size_t capacity_;
  RandomStream random_;
  std::vector<T> values_;  // capacity − 1 of them
};

}  // namespace heddle::data
