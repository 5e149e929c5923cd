// Folders include only themselves and those that stand above them in the list of layers.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <vector>

#include "tests/places/places.h"

namespace {

const std::vector<std::string> kLayers = {"base",  "report",  "net",   "tensor",  "kernels", "ops",   "nn",
                                          "text",  "data",    "model", "metrics", "decode",  "train", "compress",
                                          "bayes", "inspect", "task",  "serve",   "lab"};
const std::vector<std::pair<std::string, std::string>> kForbidden = {
    {"model", "data"}, {"decode", "model"}, {"train", "decode"}};
const std::regex kHeavy("nlohmann/|toml\\+\\+/|CLI/|spdlog/|dnnl|zlib\\.h|isa-l/|zstd\\.h|simdjson|spng|turbojpeg");

long rank(const std::string& layer) { return std::ranges::find(kLayers, layer) - kLayers.begin(); }

// What is wrong with an include in a file of `layer`; empty: nothing.
std::string problem(const std::string& layer, bool is_header, const std::string& line) {
  static const std::regex include("^\\s*#\\s*include\\s*[<\"]([^>\"]+)[>\"]");
  std::smatch match;
  if (!std::regex_search(line, match, include)) return {};
  const std::string path = match[1];
  if (is_header && std::regex_search(path, kHeavy)) return "a header includes " + path;
  if (path.starts_with("heddle/kernels/cpu/") && layer != "kernels")
    return layer + " includes a header of the fast kernels' own: " + path;
  if (path.starts_with("app/")) return layer + " includes " + path;
  if (!path.starts_with("heddle/")) return {};
  const std::string other = path.substr(7, path.find('/', 7) - 7);
  if (rank(other) >= std::ssize(kLayers)) return "the layer of " + path + " is unknown";
  if (rank(other) > rank(layer)) return layer + " includes upwards: " + path;
  if (std::ranges::find(kForbidden, std::pair(layer, other)) != kForbidden.end())
    return layer + " must not know " + path;
  return {};
}

TEST(Architecture, IncludesPointDownwards) {
  const std::filesystem::path root = heddle::source_path("heddle");
  int includes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file()) continue;
    const std::filesystem::path path = std::filesystem::relative(entry.path(), root);
    const std::string layer = path.begin()->string();
    // The headers of kernels/cpu/ are read by its own source files alone, and may cost them what they like.
    const bool public_header = path.extension() == ".h" && path.parent_path() != "kernels/cpu";
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line); ++includes)
      EXPECT_EQ(problem(layer, public_header, line), "") << entry.path();
  }
  EXPECT_GT(includes, 1000) << "the sources were not found";
}

TEST(Architecture, TheCheckerCanFail) {
  EXPECT_NE(problem("ops", true, "#include \"heddle/nn/linear.h\""), "");
  EXPECT_NE(problem("model", false, "#include \"heddle/data/batch_plan.h\""), "");
  EXPECT_NE(problem("text", true, "#include <nlohmann/json.hpp>"), "");
  EXPECT_NE(problem("ops", false, "#include \"heddle/kernels/cpu/onednn.h\""), "");
  EXPECT_EQ(problem("text", false, "#include <nlohmann/json.hpp>"), "");
  EXPECT_EQ(problem("nn", true, "#include \"heddle/ops/linear.h\""), "");
}

}  // namespace
