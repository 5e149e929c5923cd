#pragma once
// The examples of a page: commands in blocks ```console, and what they say.

#include <gtest/gtest.h>

#include <sstream>

#include "tests/app/program.h"
#include "tests/places/places.h"

namespace heddle::app {

struct Example {
  std::string command, output;
};

inline std::vector<Example> examples_of(const fs::path& page) {
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

inline std::string output_of(const std::string& command, const Folder& folder) {
  const std::string path = fs::path(program_path()).parent_path().string();
  const std::string line = "cd " + folder.text() + " && PATH=" + path + ":$PATH && (" + command + ") 2>&1";
  std::FILE* pipe = popen(line.c_str(), "r");
  std::string out;
  for (int c; (c = std::fgetc(pipe)) != EOF;) out += static_cast<char>(c);
  pclose(pipe);
  return out;
}

// Runs every command of the page, in order, in the folder: it must say what the page says.
inline void expect_page_holds(const std::string& page, const Folder& folder, size_t least) {
  const auto examples = examples_of(source_path("docs") / page);
  EXPECT_GT(examples.size(), least);
  for (const Example& example : examples)
    EXPECT_EQ(output_of(example.command, folder), example.output) << example.command;
}

}  // namespace heddle::app
