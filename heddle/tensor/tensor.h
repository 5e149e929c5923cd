#pragma once
// Tensor: a cheap handle to a row-major array. Copying it copies the handle, never the numbers.
//
// The last dimension is dense; the first may have a stride, so that rows and columns of a matrix are
// views. A handle whose arena has ended throws when its data is asked for. A tensor that a
// Tape has seen carries the number of its value there (`node`), by which gradients are found.

#include <cstdint>
#include <span>

#include "heddle/tensor/arena.h"
#include "heddle/tensor/device.h"
#include "heddle/tensor/dtype.h"
#include "heddle/tensor/shape.h"
#include "heddle/tensor/storage.h"

namespace heddle {

using NodeId = int32_t;  // a value's number on its Tape; 0: no tape knows it
inline constexpr NodeId kNoNode = 0;

class Tensor {
 public:
  Tensor() = default;

  // Zero-filled, on the heap, owned by its handles.
  static Tensor zeros(Shape shape, DType dtype, Device device = {});
  // Uninitialised, in the arena, until the arena is reset.
  static Tensor in_arena(Arena& arena, Shape shape, DType dtype);
  // Memory that somebody else owns and that outlives every handle, or that `owner` keeps alive.
  static Tensor borrow(void* data, Shape shape, DType dtype, MemoryRef owner = {});
  template <class T>
  static Tensor from(std::initializer_list<int64_t> shape, std::span<const T> values);

  // False only for a default-constructed handle.
  bool defined() const { return data_ != nullptr; }
  const Shape& shape() const { return shape_; }
  DType dtype() const { return dtype_; }
  Device device() const { return device_; }
  int64_t count() const { return shape_.count(); }
  int64_t rows() const { return shape_.rows(); }
  int64_t width() const { return shape_.width(); }
  // Elements between the starts of neighbouring rows (of the matrix view [rows, width]).
  int64_t row_stride() const { return row_stride_; }
  bool dense() const { return row_stride_ == width() || rows() <= 1; }
  int64_t bytes() const { return count() * size_of(dtype_); }

  // The elements, end to end. Throws when the dtype differs, rows lie apart, or the arena of this handle has ended.
  template <class T>
  T* data() const {
    HEDDLE_CHECK(dense(), "a strided tensor of shape {} was read as a dense one", shape_.text());
    return strided_data<T>();
  }
  // The first element, for callers that heed row_stride().
  template <class T>
  T* strided_data() const {
    HEDDLE_CHECK(dtype_ == dtype_of<T>, "a {} tensor was read as {}", name_of(dtype_), name_of(dtype_of<T>));
    return static_cast<T*>(raw());
  }
  void* raw() const {
    if (memory_.ended()) [[unlikely]]
      fail_ended();
    return data_;
  }
  template <class T>
  std::span<T> span() const {
    return {data<T>(), static_cast<size_t>(count())};
  }

  // Views, all without copying.
  Tensor reshape(Shape shape) const;                      // dense only
  Tensor row_range(int64_t begin, int64_t end) const;     // of the matrix view
  Tensor column_range(int64_t begin, int64_t end) const;  // of the matrix view

  NodeId node() const { return node_; }
  Tensor with_node(NodeId node) const {
    Tensor copy = *this;
    copy.node_ = node;
    return copy;
  }
  // Whether no other handle shows this memory.
  bool unique() const { return memory_.unique(); }

 private:
  [[noreturn]] void fail_ended() const;

  void* data_ = nullptr;
  MemoryRef memory_;
  Shape shape_;
  int64_t row_stride_ = 0;
  NodeId node_ = kNoNode;
  DType dtype_ = DType::f32;
  Device device_;
};

// Copies numbers and converts them; shapes must be equal. For float formats.
void copy_into(const Tensor& from, const Tensor& to);

// A heap copy that survives any arena.
Tensor keep(const Tensor& tensor);

template <class T>
Tensor Tensor::from(std::initializer_list<int64_t> shape, std::span<const T> values) {
  Tensor tensor = zeros(Shape(shape), dtype_of<T>);
  HEDDLE_CHECK(tensor.count() == static_cast<int64_t>(values.size()), "a tensor of shape {} needs {} values, got {}",
               tensor.shape_.text(), tensor.count(), values.size());
  std::copy(values.begin(), values.end(), tensor.data<T>());
  return tensor;
}

}  // namespace heddle
