// The examples of docs/data.md: every command in a block ```console is run, in order, and must say what the page says.

#include <gtest/gtest.h>

#include <sstream>

#include "tests/app/program.h"

namespace heddle::app {
namespace {

struct Example {
  std::string command, output;
};

std::vector<Example> examples_of(const fs::path& page) {
  std::vector<Example> examples;
  std::istringstream text(slurp(page));
  bool inside = false;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("```")) inside = line == "```console";
    else if (inside && line.starts_with("$ ")) examples.push_back({line.substr(2), ""});
    else if (inside && !examples.empty()) examples.back().output += line + "\n";
  }
  return examples;
}

std::string output_of(const std::string& command, const Folder& folder) {
  const std::string path = fs::path(HEDDLE_PROGRAM).parent_path().string();
  const std::string line = "cd " + folder.text() + " && PATH=" + path + ":$PATH && (" + command + ") 2>&1";
  std::FILE* pipe = popen(line.c_str(), "r");
  std::string out;
  for (int c; (c = std::fgetc(pipe)) != EOF;) out += static_cast<char>(c);
  pclose(pipe);
  return out;
}

TEST(DataPage, ItsExamplesSayWhatItShows) {
  const Folder folder;
  const auto examples = examples_of(fs::path(HEDDLE_SOURCE_DIR) / "docs" / "data.md");
  EXPECT_GT(examples.size(), 8u);
  for (const Example& example : examples)
    EXPECT_EQ(output_of(example.command, folder), example.output) << example.command;
}

}  // namespace
}  // namespace heddle::app
