#include "heddle/tensor/tensor.h"

#include <cstring>
#include <type_traits>

namespace heddle {
namespace {

template <class Body>
void with_float_type(DType dtype, Body&& body) {
  switch (dtype) {
    case DType::f64: return body(double{});
    case DType::f32: return body(float{});
    case DType::bf16: return body(bf16{});
    case DType::f16: return body(f16{});
    default: throw Error(fmt::format("{} numbers cannot be converted to another format", name_of(dtype)));
  }
}

template <class T>
double to_double(T value) {
  if constexpr (std::is_same_v<T, double>) return value;
  else return static_cast<double>(static_cast<float>(value));
}

}  // namespace

std::string Shape::text() const {
  std::string text = "[";
  for (int i = 0; i < rank_; ++i) text += (i ? ", " : "") + std::to_string(sizes_[i]);
  return text + "]";
}

Tensor Tensor::zeros(Shape shape, DType dtype, Device device) {
  Tensor tensor;
  tensor.memory_ = MemoryRef(Storage::allocate(shape.count() * size_of(dtype)));
  tensor.data_ = tensor.memory_.storage()->data();
  tensor.shape_ = shape;
  tensor.row_stride_ = shape.width();
  tensor.dtype_ = dtype;
  tensor.device_ = device;
  return tensor;
}

Tensor Tensor::in_arena(Arena& arena, Shape shape, DType dtype) {
  Tensor tensor;
  ArenaPiece* piece = arena.take(shape.count() * size_of(dtype));
  tensor.data_ = Arena::data_of(piece);
  tensor.memory_ = MemoryRef(arena.lifetime(), piece);
  tensor.shape_ = shape;
  tensor.row_stride_ = shape.width();
  tensor.dtype_ = dtype;
  return tensor;
}

Tensor Tensor::borrow(void* data, Shape shape, DType dtype, MemoryRef owner) {
  static char empty;  // an empty tensor is still a defined one
  HEDDLE_CHECK(data != nullptr || shape.count() == 0, "a tensor {} needs memory", shape.text());
  Tensor tensor;
  tensor.data_ = data ? data : &empty;
  tensor.memory_ = std::move(owner);
  tensor.shape_ = shape;
  tensor.row_stride_ = shape.width();
  tensor.dtype_ = dtype;
  return tensor;
}

Tensor Tensor::reshape(Shape shape) const {
  HEDDLE_CHECK(shape.count() == count() && dense(), "cannot view {} as {}: {}", shape_.text(), shape.text(),
               dense() ? "the counts differ" : "it is strided");
  Tensor view = *this;
  view.shape_ = shape;
  view.row_stride_ = shape.width();
  view.node_ = kNoNode;
  return view;
}

Tensor Tensor::row_range(int64_t begin, int64_t end) const {
  HEDDLE_CHECK(0 <= begin && begin <= end && end <= rows(), "rows {}..{} of a tensor {}", begin, end, shape_.text());
  Tensor view = *this;
  view.data_ = static_cast<char*>(data_) + begin * row_stride_ * size_of(dtype_);
  view.shape_ = {end - begin, width()};
  view.node_ = kNoNode;
  return view;
}

Tensor Tensor::column_range(int64_t begin, int64_t end) const {
  HEDDLE_CHECK(0 <= begin && begin <= end && end <= width(), "columns {}..{} of a tensor {}", begin, end,
               shape_.text());
  Tensor view = *this;
  view.data_ = static_cast<char*>(data_) + begin * size_of(dtype_);
  view.shape_ = {rows(), end - begin};
  view.node_ = kNoNode;
  return view;
}

void Tensor::fail_ended() const {
  throw Error(
      fmt::format("a tensor {} was used after its arena ended; keep() it while the tape is alive", shape_.text()));
}

void copy_into(const Tensor& from, const Tensor& to) {
  HEDDLE_CHECK(from.shape() == to.shape(), "cannot copy {} into {}", from.shape().text(), to.shape().text());
  if (from.dtype() == to.dtype()) {
    const int64_t row_bytes = from.width() * size_of(from.dtype());
    for (int64_t r = 0; r < from.rows() && row_bytes > 0; ++r)
      std::memcpy(to.row_range(r, r + 1).raw(), from.row_range(r, r + 1).raw(), static_cast<size_t>(row_bytes));
    return;
  }
  with_float_type(from.dtype(), [&]<class From>(From) {
    with_float_type(to.dtype(), [&]<class To>(To) {
      const From* source = from.strided_data<From>();
      To* target = to.strided_data<To>();
      for (int64_t r = 0; r < from.rows(); ++r)
        for (int64_t c = 0; c < from.width(); ++c) {
          const double value = to_double(source[r * from.row_stride() + c]);
          if constexpr (std::is_same_v<To, double>) target[r * to.row_stride() + c] = value;
          else target[r * to.row_stride() + c] = To(static_cast<float>(value));
        }
    });
  });
}

Tensor keep(const Tensor& tensor) {
  Tensor copy = Tensor::zeros(tensor.shape(), tensor.dtype());
  copy_into(tensor, copy);
  return copy;
}

}  // namespace heddle
