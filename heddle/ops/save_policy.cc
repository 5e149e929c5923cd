#include "heddle/ops/save_policy.h"

#include <unistd.h>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "heddle/ops/narrow.h"
#include "heddle/ops/product.h"
#include "heddle/ops/workspace.h"

namespace heddle::ops {
namespace {

Saved as_is(const Tensor& tensor) { return {.tensor = tensor, .shape = tensor.shape(), .dtype = tensor.dtype()}; }

Tensor narrow_copy(const Tensor& tensor) {
  if (tensor.dtype() == DType::f32) return narrowed(tensor);
  Tensor narrow = new_tensor(tensor.shape(), DType::bf16);
  copy_into(tensor, narrow);
  return narrow;
}

}  // namespace

Tensor Saved::load() const { return policy ? policy->load(*this) : tensor; }

bool Saved::is_operand(Compute compute) const {
  return compute == Compute::bf16 && tensor.defined() && tensor.dtype() == DType::bf16;
}

Tensor Saved::load_operand(Compute compute) const { return is_operand(compute) ? tensor : operand(load(), compute); }

Saved NarrowPolicy::save(const Tensor& tensor, SaveHint hint) {
  if (hint == SaveHint::exact || (tensor.dtype() != DType::f32 && tensor.dtype() != DType::f64)) return as_is(tensor);
  const bool again = last_.defined() && last_.raw() == tensor.raw() && last_.shape() == tensor.shape() &&
                     last_.row_stride() == tensor.row_stride();
  if (!again) {
    last_ = tensor;
    last_narrow_ = narrow_copy(tensor);
  }
  return {.tensor = last_narrow_, .shape = tensor.shape(), .dtype = tensor.dtype(), .policy = this};
}

Tensor NarrowPolicy::load(const Saved& saved) {
  if (saved.dtype == DType::f32) return widened(saved.tensor);
  Tensor wide = new_tensor(saved.shape, saved.dtype);
  copy_into(saved.tensor, wide);
  return wide;
}

SpillPolicy::SpillPolicy(const std::filesystem::path& directory, int64_t smallest) : smallest_(smallest) {
  std::string name = (directory / "activations-XXXXXX").string();
  const int descriptor = mkstemp(name.data());
  if (descriptor < 0)
    fail_system("cannot create a spill file in {}: {}; give a writable directory", directory.string(),
                std::strerror(errno));
  unlink(name.c_str());
  file_ = fdopen(descriptor, "w+b");
}

SpillPolicy::~SpillPolicy() { std::fclose(file_); }

Saved SpillPolicy::save(const Tensor& tensor, SaveHint hint) {
  if (hint == SaveHint::exact || tensor.bytes() < smallest_ || !tensor.dense()) return as_is(tensor);
  const auto bytes = static_cast<size_t>(tensor.bytes());
  if (pwrite(fileno(file_), tensor.raw(), bytes, end_) != static_cast<ssize_t>(bytes))
    fail_system("cannot spill {} bytes of activations: {}; free some disk space", bytes, std::strerror(errno));
  const Saved saved = {.tensor = {}, .shape = tensor.shape(), .dtype = tensor.dtype(), .place = end_, .policy = this};
  end_ += tensor.bytes();
  return saved;
}

Tensor SpillPolicy::load(const Saved& saved) {
  Tensor tensor = new_tensor(saved.shape, saved.dtype);
  const auto bytes = static_cast<size_t>(tensor.bytes());
  if (pread(fileno(file_), tensor.raw(), bytes, saved.place) != static_cast<ssize_t>(bytes))
    fail_system("cannot read back {} spilled bytes: {}", bytes, std::strerror(errno));
  return tensor;
}

}  // namespace heddle::ops
