// Any bytes as a safetensors file: a sentence, or tensors whose every byte can be read.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "heddle/model/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const int memory = memfd_create("fuzz", 0);  // a file without a disk
  static const std::string path = "/proc/self/fd/" + std::to_string(memory);
  if (ftruncate(memory, 0) != 0 || pwrite(memory, data, size, 0) != static_cast<ssize_t>(size)) std::abort();
  try {
    const heddle::model::Safetensors stored(path);
    int64_t bytes = 0;
    volatile uint8_t sum = 0;
    for (const std::string& name : stored.names()) {
      const heddle::Tensor tensor = stored.at(name);
      bytes += tensor.bytes();
      for (int64_t i = 0; i < tensor.bytes(); ++i)
        sum = static_cast<uint8_t>(sum + static_cast<const uint8_t*>(tensor.raw())[i]);
    }
    if (bytes > static_cast<int64_t>(size)) std::abort();
  } catch (const heddle::InputError&) {
  }
  return 0;
}
