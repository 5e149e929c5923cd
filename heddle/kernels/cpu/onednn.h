#pragma once
// What the products that run as oneDNN primitives share: the engine, layouts, and a store of primitives.
// Included by source files only.

#include <array>
#include <cstdint>

#include <dnnl.hpp>

namespace heddle::kernels {

inline dnnl::engine& onednn_engine() {
  static dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

// A row-major matrix [rows, columns] with `leading` elements between rows, or its transpose.
inline dnnl::memory::desc matrix_layout(int64_t rows, int64_t columns, bool transposed, int64_t leading,
                                        dnnl::memory::data_type type) {
  return {{rows, columns}, type, transposed ? dnnl::memory::dims{1, leading} : dnnl::memory::dims{leading, 1}};
}

// The values made for the last keys, found by a scan: cheaper than hashing, and nothing is allocated.
template <class Key, class Value, size_t kSize>
class LastUsed {
 public:
  // The value of this key; make(key) when it is not there, in place of the one unused for longest.
  template <class Make>
  Value& find(const Key& key, Make&& make) {
    Entry* oldest = &entries_[0];
    for (Entry& entry : entries_) {
      if (entry.last_use > 0 && entry.key == key) {
        entry.last_use = ++clock_;
        return entry.value;
      }
      if (entry.last_use < oldest->last_use) oldest = &entry;
    }
    oldest->value = make(key);
    oldest->key = key;
    oldest->last_use = ++clock_;
    return oldest->value;
  }

 private:
  struct Entry {
    Key key = {};
    Value value = {};
    uint64_t last_use = 0;
  };
  std::array<Entry, kSize> entries_;
  uint64_t clock_ = 0;
};

}  // namespace heddle::kernels
