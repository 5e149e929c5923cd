#pragma once
// Zeroed memory that grows where it lies: its addresses are taken at once, and the system fills only those pages that
// are touched.

#include <cstddef>
#include <type_traits>

namespace heddle::text {

class ReservedBytes {
 public:
  // Throws std::bad_alloc.
  explicit ReservedBytes(size_t most);
  ~ReservedBytes();
  ReservedBytes(const ReservedBytes&) = delete;
  ReservedBytes& operator=(const ReservedBytes&) = delete;

  void* data() const { return data_; }
  // What is touched of [begin, end) from now on comes in pages of 2 MiB, where the system has such. Memory that is
  // looked up all over is then found without walking through page tables. Smaller parts stay in small pages.
  void use_large_pages(size_t begin, size_t end);

 private:
  void* mapped_;
  size_t mapped_size_;
  char* data_;  // aligned to a large page
};

// `most` elements of a type for which zeros are a value.
template <class T>
class ReservedMemory {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  explicit ReservedMemory(size_t most) : size_(most), bytes_(most * sizeof(T)) {}

  size_t size() const { return size_; }
  T* data() const { return static_cast<T*>(bytes_.data()); }
  T& operator[](size_t i) const { return data()[i]; }
  void use_large_pages(size_t begin, size_t end) { bytes_.use_large_pages(begin * sizeof(T), end * sizeof(T)); }

 private:
  size_t size_;
  ReservedBytes bytes_;
};

}  // namespace heddle::text
