#pragma once
// Formats of one text a line: plain lines, lines with fastText's labels, aligned lines of several files.

#include "heddle/data/readers/record_reader.h"

namespace heddle::data {

// Column "text"; `names` may name it otherwise.
std::unique_ptr<RecordReader> open_lines(const std::filesystem::path& file, const std::vector<std::string>& names,
                                         const ReadLimits& limits);

// "__label__a __label__b text": columns "label" (any number of values) and "text" (Joulin et al. 2017). Throws
// InputError for a line without a label, and for a label without a name.
std::unique_ptr<RecordReader> open_labelled(const std::filesystem::path& file, const ReadLimits& limits);

}  // namespace heddle::data
