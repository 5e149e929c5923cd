#pragma once
// Random masks and random facts about sequences, for the tests of masks and of the attention that obeys them.

#include <algorithm>
#include <vector>

#include "heddle/base/random.h"
#include "heddle/kernels/mask.h"

namespace heddle::kernels {

inline Mask random_mask_value(RandomStream& random) {
  const auto size = static_cast<int64_t>(1 + random.below(9));
  switch (random.below(13)) {
    case 0: return Mask::full();
    case 1: return Mask::causal();
    case 2: return Mask::window(size);
    case 3: return Mask::dilated(size);
    case 4: return Mask::prefix(size);
    case 5: return Mask::block(size);
    case 6: return Mask::global(size - 1);
    case 7:
      return Mask::block_sparse(size, static_cast<int64_t>(random.below(3)), static_cast<uint32_t>(random.below(5)));
    case 8: return Mask::document();
    case 9: return Mask::padding();
    case 10: return Mask::before_block(size, static_cast<int64_t>(random.below(20)));
    case 11: {
      std::vector<KeyRange> keys;
      for (uint64_t i = random.below(5); i > 0; --i) {
        const auto begin = static_cast<int64_t>(random.below(100));
        keys.push_back({begin, begin + static_cast<int64_t>(random.below(12))});
      }
      return Mask::arbitrary(keys);
    }
    default: return Mask::diagonal();
  }
}

inline Mask random_mask(RandomStream& random) {
  Mask mask = random_mask_value(random);
  for (uint64_t more = random.below(4); more > 0; --more) {
    mask = random.below(2) ? mask & random_mask_value(random) : random_mask_value(random) | mask;
    if (random.below(3) == 0) mask = ~mask;
  }
  return mask;
}

// `count` numbers of documents of a few tokens each, ascending or not.
inline std::vector<int32_t> random_documents(RandomStream& random, int64_t count, bool ascend) {
  std::vector<int32_t> documents;
  int32_t number = 0;
  for (int64_t i = 0; i < count; ++i) {
    if (random.below(6) == 0) number = ascend ? number + 1 : static_cast<int32_t>(random.below(4));
    documents.push_back(number);
  }
  return documents;
}

}  // namespace heddle::kernels
