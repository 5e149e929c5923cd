#pragma once
// Which files there are: glob patterns, and the parts of a data set by their names.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::data {

// The files that a pattern names, sorted: * ? [a-z] in any part of the path, ** for any folders, {a,b} for either. A
// name without these is that file, whether it is there or not. Throws InputError when a pattern fits nothing.
std::vector<std::filesystem::path> glob_files(const std::string& pattern);

enum class Split : uint8_t { train, valid, test, none };
std::string_view name_of(Split split);

// The part a file belongs to, by a word of its name or its folder's, as Hugging Face's `datasets` finds it: train or
// training; valid, validation, val, dev, eval; test, testing, evaluation. Words stand between other characters than
// letters: "small_train.tsv", "data/test/0.jsonl", "train-00001-of-00005.jsonl.gz".
Split split_of(const std::filesystem::path& file);

}  // namespace heddle::data
