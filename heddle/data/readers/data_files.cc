#include "heddle/data/readers/data_files.h"

#include <glob.h>

#include <algorithm>
#include <array>
#include <optional>
#include <regex>

#include "heddle/base/error.h"
#include "heddle/data/readers/format.h"

namespace heddle::data {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::pair<std::string_view, Split>, 10> kWords = {{{"train", Split::train},
                                                                        {"training", Split::train},
                                                                        {"valid", Split::valid},
                                                                        {"validation", Split::valid},
                                                                        {"val", Split::valid},
                                                                        {"dev", Split::valid},
                                                                        {"eval", Split::valid},
                                                                        {"test", Split::test},
                                                                        {"testing", Split::test},
                                                                        {"evaluation", Split::test}}};

struct SplitWord {
  Split split;
  size_t from, length;
};

std::optional<SplitWord> split_in(std::string_view name) {
  const auto letter = [](char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; };
  for (size_t at = 0; at < name.size();) {
    const auto from = std::find_if(name.begin() + static_cast<long>(at), name.end(), letter);
    const auto to = std::find_if_not(from, name.end(), letter);
    std::string word(from, to);
    for (char& c : word) c = static_cast<char>(c | 32);
    const auto found = std::ranges::find(kWords, word, &std::pair<std::string_view, Split>::first);
    if (found != kWords.end()) return SplitWord{found->second, static_cast<size_t>(from - name.begin()), word.size()};
    at = static_cast<size_t>(to - name.begin());
  }
  return {};
}

// The file's path with * for the split's word and without a shard's number; a number of four digits may be a year.
fs::path path_of_set(const fs::path& file) {
  static const std::regex shard("-([0-9]+-of-[0-9]+|[0-9]{5,})(?=\\.)");
  const fs::path plain = plain_name(file);
  std::string folder = plain.parent_path().filename().string(), name = plain.filename().string();
  if (const auto word = split_in(name)) name.replace(word->from, word->length, "*");
  else if (const auto outer = split_in(folder)) folder.replace(outer->from, outer->length, "*");
  name = std::regex_replace(name, shard, "");
  return (plain.parent_path().parent_path() / folder / name).lexically_normal();
}

// Of a set: with its folder alone, where that is enough to tell it from others.
std::string short_name(const fs::path& path) {
  const std::string folder = path.parent_path().filename().string(), name = path.filename().string();
  return folder.empty() ? name : folder + "/" + name;
}

void add_matches(const std::string& pattern, std::vector<fs::path>& files) {
  glob_t found{};
  if (::glob(pattern.c_str(), GLOB_BRACE, nullptr, &found) == 0)
    for (size_t i = 0; i < found.gl_pathc; ++i)
      if (!fs::is_directory(found.gl_pathv[i])) files.emplace_back(found.gl_pathv[i]);
  globfree(&found);
}

// "a/**/b": b in a and in every folder below it.
void add_deep_matches(const std::string& pattern, std::vector<fs::path>& files) {
  const size_t stars = pattern.find("**/");
  if (stars == std::string::npos) return add_matches(pattern, files);
  const std::string base = pattern.substr(0, stars), rest = pattern.substr(stars + 3);
  add_deep_matches(base + rest, files);
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(base.empty() ? "." : base, error))
    if (entry.is_directory()) add_deep_matches((entry.path() / rest).string(), files);
}

}  // namespace

std::vector<fs::path> glob_files(const std::string& pattern) {
  std::error_code error;
  if (pattern.find_first_of("*?[{") == std::string::npos || fs::exists(pattern, error)) return {pattern};
  std::vector<fs::path> files;
  add_deep_matches(pattern, files);
  if (files.empty())
    fail_input("no file fits the pattern {}; * stands for any part of a name, ** for any folders", pattern);
  std::ranges::sort(files);
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

std::string_view name_of(Split split) {
  constexpr std::string_view kNames[] = {"train", "valid", "test", "all"};
  return kNames[static_cast<size_t>(split)];
}

Split split_of(const fs::path& file) {
  if (const auto word = split_in(file.filename().string())) return word->split;
  const auto word = split_in(file.parent_path().filename().string());
  return word ? word->split : Split::none;
}

std::vector<DataSet> group_files(const std::vector<fs::path>& files) {
  std::vector<DataSet> sets;
  std::vector<fs::path> paths;  // of the sets
  for (const fs::path& file : files) {
    const fs::path path = path_of_set(file);
    const Split split = split_of(file);
    auto set = sets.begin() + (std::ranges::find(paths, path) - paths.begin());
    if (set == sets.end()) {
      const std::string name = short_name(path);
      const bool taken = std::ranges::find(sets, name, &DataSet::name) != sets.end();
      set = sets.insert(set, {taken ? path.string() : name, {}});
      paths.push_back(path);
    }
    auto part = std::ranges::find(set->parts, split, &DataPart::split);
    if (part == set->parts.end()) part = set->parts.insert(set->parts.end(), {split, {}});
    if (std::ranges::find(part->files, file) == part->files.end()) part->files.push_back(file);
  }
  for (DataSet& set : sets) std::ranges::sort(set.parts, {}, &DataPart::split);
  return sets;
}

}  // namespace heddle::data
