#include "heddle/text/word_vectors/word_index.h"

#include <xxhash.h>

#include <bit>
#include <limits>

#include "heddle/base/error.h"

namespace heddle::text {
namespace {

size_t slots_for(int64_t most) {
  if (most < 0 || most >= std::numeric_limits<int32_t>::max())
    fail_input("{} words are more than one table holds; give at most {}", most,
               std::numeric_limits<int32_t>::max() - 1);
  return std::bit_ceil(2 * static_cast<size_t>(most) + 1);
}

}  // namespace

WordIndex::WordIndex(int64_t most) : mask_(slots_for(most) - 1), slots_(mask_ + 1, -1) {}

uint64_t WordIndex::hash_of(std::string_view word) { return XXH3_64bits(word.data(), word.size()); }

}  // namespace heddle::text
