#pragma once
// The edits that TER counts (Snover et al. 2006): shifts of runs of words, then insertions,
// deletions and substitutions, from a hypothesis to its reference.
//
// To find the fewest is intractable, so it is searched as tercom and sacreBLEU do: the shift that
// saves most is made, again and again, until none saves any. A shift moves up to 10 words that the
// reference has within 50 places, and that are wrong where they stand, to where the reference has
// them. At most 1000 shifts are tried for a line; when they are used up, the shift then looked for
// is not made.

#include <cstdint>

#include "heddle/metrics/ngram_matches.h"

namespace heddle::metrics {

// Besides, the search ends after 4e8 steps (cells of the edit distance and words compared), a
// second or so. Only lines of thousands of words reach that, where sacreBLEU would go on for
// minutes to hours.
int64_t count_translation_edits(const Symbols& hypothesis, const Symbols& reference);

}  // namespace heddle::metrics
