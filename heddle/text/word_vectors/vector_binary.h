#pragma once
// word2vec's binary format, read where it stands (vector_file.h says how it looks).

#include <memory>
#include <string>

#include "heddle/text/word_vectors/vector_header.h"
#include "heddle/text/word_vectors/word_vectors.h"

namespace heddle::text {

// name: what errors call the file. Every value is looked at once, and must be finite.
WordVectors read_binary_vectors(const std::string& name, std::shared_ptr<const MappedFile> file,
                                const VectorHeader& header);

}  // namespace heddle::text
