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

// Files that are read as one part of a data set: one after the other, or side by side (line k belongs to line k).
struct DataPart {
  Split split = Split::none;
  std::vector<std::filesystem::path> files;
  bool parallel = false;
};
struct DataSet {
  std::string name;  // "ag_news/*.tsv": * stands for the split
  std::vector<DataPart> parts;
};

// Puts the files into data sets: those whose names differ only in the word of the split and in the number of a shard
// ("train-00001-of-00005.jsonl") belong together.
std::vector<DataSet> group_files(const std::vector<std::filesystem::path>& files);

}  // namespace heddle::data
