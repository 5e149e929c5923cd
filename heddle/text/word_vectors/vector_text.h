#pragma once
// Lines "word x1 … xWIDTH" (vector_file.h), parsed by all threads.

#include <optional>
#include <string>
#include <string_view>

#include "heddle/text/word_vectors/vector_header.h"
#include "heddle/text/word_vectors/word_vectors.h"

namespace heddle::text {

// name: what errors call the file. Without a header the first line tells the width.
WordVectors read_text_vectors(const std::string& name, std::string_view bytes,
                              const std::optional<VectorHeader>& header);

}  // namespace heddle::text
