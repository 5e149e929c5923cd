#pragma once
// Files of word vectors: word2vec text and binary (Mikolov et al. 2013), GloVe text (Pennington et al. 2014), fastText
// `.vec` (Bojanowski et al. 2017).
//
//   word2vec text, .vec   "COUNT WIDTH" in the first line, then lines "word x1 … xWIDTH"
//   GloVe                 the lines alone; the first one tells the width
//   word2vec binary       the same first line, then per word: its bytes, a space, WIDTH little-endian f32, perhaps LF
//
// Fields are parted by spaces and tabs. A word may hold spaces, as some of GloVe's do, where no field of it behind the
// first is a number: the last WIDTH fields are the vector.

#include <filesystem>

#include "heddle/text/word_vectors/word_vectors.h"

namespace heddle::text {

enum class VectorFormat { guess, text, binary };

// Binary files stay mapped; text is parsed once, by all threads. Memory is bounded by a small multiple of the file's
// size, whatever its first line claims. Throws InputError with file and line (text) or byte (binary) for counts that do
// not hold, lines of other widths, values that are not finite, NUL bytes, and files that are empty or cut short.
// guess: binary where the first vector's bytes are no text.
WordVectors read_word_vectors(const std::filesystem::path& file, VectorFormat format = VectorFormat::guess);

}  // namespace heddle::text
