#pragma once
// One step of byte-pair encoding as it is defined (Sennrich et al. 2016): of all neighbours the pair that was learned
// first is joined, the leftmost of equal ones. For what is done once while a model is loaded; texts are encoded faster
// elsewhere.

#include <vector>

#include "heddle/text/models/merges.h"

namespace heddle::text {

// The merge that was made; nullptr: no two neighbours join.
inline const Merges::Merge* merge_step(std::vector<int32_t>& symbols, const Merges& merges) {
  const Merges::Merge* best = nullptr;
  size_t place = 0;
  for (size_t i = 0; i + 1 < symbols.size(); ++i) {
    const Merges::Merge* merge = merges.find(symbols[i], symbols[i + 1]);
    if (!merge || (best && best->rank <= merge->rank)) continue;
    best = merge;
    place = i;
  }
  if (!best) return nullptr;
  symbols[place] = best->joined;
  symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(place) + 1);
  return best;
}

}  // namespace heddle::text
