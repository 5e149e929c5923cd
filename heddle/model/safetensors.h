#pragma once
// The safetensors format: an 8-byte length, a JSON header of names, dtypes, shapes and byte ranges, then the
// numbers. Reading checks what the format's definition says before anything is allocated.

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "heddle/base/file.h"
#include "heddle/tensor/tensor.h"

namespace heddle::model {

struct NamedTensor {
  std::string name;
  Tensor tensor;
};

// Written atomically, in the order given.
void save_safetensors(const std::filesystem::path& file, const std::vector<NamedTensor>& tensors);

class Safetensors {
 public:
  // Maps the file. Throws InputError for a truncated, oversized or lying file: a header longer than the file,
  // a name twice, ranges that overlap, leave holes, or do not fit shape and dtype.
  explicit Safetensors(const std::filesystem::path& file);

  std::vector<std::string> names() const;
  bool contains(const std::string& name) const { return tensors_.contains(name); }
  // A view of the mapped numbers (a copy where they are not aligned), valid while this object lives. Throws InputError
  // for an unknown name.
  Tensor at(const std::string& name) const;

 private:
  std::filesystem::path file_;
  std::unique_ptr<MappedFile> mapped_;
  std::map<std::string, Tensor> tensors_;
};

}  // namespace heddle::model
