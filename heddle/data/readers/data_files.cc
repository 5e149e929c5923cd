#include "heddle/data/readers/data_files.h"

#include <glob.h>

#include <algorithm>
#include <array>
#include <optional>

#include "heddle/base/error.h"

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

std::optional<Split> split_in(std::string_view name) {
  const auto letter = [](char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; };
  for (size_t at = 0; at < name.size();) {
    const auto from = std::find_if(name.begin() + static_cast<long>(at), name.end(), letter);
    const auto to = std::find_if_not(from, name.end(), letter);
    std::string word(from, to);
    for (char& c : word) c = static_cast<char>(c | 32);
    const auto found = std::ranges::find(kWords, word, &std::pair<std::string_view, Split>::first);
    if (found != kWords.end()) return found->second;
    at = static_cast<size_t>(to - name.begin());
  }
  return {};
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
  if (const auto split = split_in(file.filename().string())) return *split;
  return split_in(file.parent_path().filename().string()).value_or(Split::none);
}

}  // namespace heddle::data
