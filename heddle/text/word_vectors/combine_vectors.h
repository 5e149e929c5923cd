#pragma once
// One set of word vectors from several.

#include <span>

#include "heddle/text/word_vectors/word_vectors.h"

namespace heddle::text {

enum class Combination { concatenate, average };

// The words of all sources: those of the first, then of the second that the first lacks, and so on. Each source's
// vector is scaled to unit length first, so that none outweighs the others (Coates and Bollegala 2018).
//   concatenate: the vectors side by side, width the sum of the widths; zeros for a source that lacks the word
//   average:     the mean over the sources that have the word; throws InputError when widths differ
// The result stands in memory. Throws InputError without sources.
WordVectors combine_vectors(std::span<const WordVectors> sources, Combination how);

}  // namespace heddle::text
