#pragma once
// Pairs of sentences from two aligned files, or from two columns of one TSV.

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "heddle/tensor/rows.h"

namespace heddle::data {

struct TextPair {
  std::string source, target;
  int32_t domain = kNoDomain;  // heddle/tensor/rows.h
  bool operator==(const TextPair&) const = default;
};

// Where the pairs lie. With `target` empty, `source` is a TSV, whose columns are given by the names
// in its first line; or both by number, from 1, when the file has no such line.
struct ParallelFiles {
  std::filesystem::path source, target;
  std::string source_column = "source", target_column = "target";
};

// `name` in `directory`, or with .gz or .zst behind it; InputError naming all three when none is
// there.
std::filesystem::path find_data_file(const std::filesystem::path& directory, const std::string& name);

// All pairs, in order. Broken UTF-8 becomes U+FFFD; `warn` hears how many lines. Throws InputError
// when the files are empty or of different length (with both counts), or a TSV row has too few or
// many columns.
std::vector<TextPair> read_parallel(const ParallelFiles& files, const std::function<void(const std::string&)>& warn);

}  // namespace heddle::data
