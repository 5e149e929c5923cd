#include "heddle/text/models/reserved_memory.h"

#include <sys/mman.h>

#include <cstdint>
#include <new>

namespace heddle::text {
namespace {

constexpr size_t kLargePage = size_t{2} << 20;

}  // namespace

ReservedBytes::ReservedBytes(size_t most) : mapped_size_(most + kLargePage) {
  mapped_ = mmap(nullptr, mapped_size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped_ == MAP_FAILED) throw std::bad_alloc();
  const size_t beyond = reinterpret_cast<uintptr_t>(mapped_) % kLargePage;
  data_ = static_cast<char*>(mapped_) + (beyond == 0 ? 0 : kLargePage - beyond);
}

ReservedBytes::~ReservedBytes() { munmap(mapped_, mapped_size_); }

void ReservedBytes::use_large_pages(size_t begin, size_t end) {
  begin = (begin + kLargePage - 1) / kLargePage * kLargePage;
  end = end / kLargePage * kLargePage;
  if (begin < end) madvise(data_ + begin, end - begin, MADV_HUGEPAGE);
}

}  // namespace heddle::text
