#pragma once
// Turns pairs of numbers of a head by angles that grow with the position (RoPE; Su et al. 2021): numbers c and
// c + width/2 of a head are one pair, as in the Llama family.
//
// x [rows, …], heads of `width` (even) from column 0 on; cosine, sine [positions, width/2]; y written, may be x.
// `back` turns the other way: the gradient.

#include <cstdint>

namespace heddle::kernels {

template <class T>
struct RotaryRows {
  int64_t rows = 0, heads = 0, width = 0;
  const int32_t* position = nullptr;  // [rows]
  const T *cosine = nullptr, *sine = nullptr;
};

template <class T>
void rotate(const RotaryRows<T>& rows, const T* x, int64_t x_stride, T* y, int64_t y_stride, bool back);

}  // namespace heddle::kernels
