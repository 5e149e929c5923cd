#pragma once
// Grapheme clusters: what a reader takes for one character (Unicode Standard Annex 29, extended clusters).

#include <cstddef>
#include <string_view>

namespace heddle::text {

// The end of the cluster that begins at text[at]; text is valid UTF-8, at < text.size().
// Two rules are left out that only clusters longer than five bytes can tell, and nothing here looks into those: flags
// are not paired, and Indic conjuncts are not joined.
size_t cluster_end(std::string_view text, size_t at);

}  // namespace heddle::text
