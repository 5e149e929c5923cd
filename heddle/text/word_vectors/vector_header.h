#pragma once
// The first line of word2vec's files, "COUNT WIDTH", which GloVe's lack.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace heddle::text {

struct VectorHeader {
  int64_t count, width;
  size_t bytes;  // of the line, with its LF
};

// Nothing when the first line is not two whole numbers. Numbers beyond int64 become its largest.
std::optional<VectorHeader> read_vector_header(std::string_view bytes);

// Throws InputError unless `count` words with `width` values each, and at least `least_bytes` + `value_bytes` · width
// for each word, fit into what follows the line.
void check_vector_header(const std::string& file, const VectorHeader& header, size_t file_bytes, int64_t least_bytes,
                         int64_t value_bytes);

}  // namespace heddle::text
