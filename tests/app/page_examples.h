#pragma once
// The examples of a page: commands in blocks ```console, and what they say.

#include <gtest/gtest.h>

#include <cctype>
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

// # for each number, and one space for several.
inline std::string without_numbers(const std::string& text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    size_t end = at + (text[at] == '-' ? 1 : 0);
    const size_t digits = end;
    while (end < text.size() &&
           (std::isdigit(static_cast<unsigned char>(text[end])) || (end > digits && text[end] == '.')))
      ++end;
    if (end > digits && text.compare(end, 2, "e-") == 0) end = std::min(text.find_first_of(" \n", end), text.size());
    if (end > digits) {
      out += '#';
      at = end;
    } else {
      if (text[at] != ' ' || !out.ends_with(' ')) out += text[at];
      ++at;
    }
  }
  return out;
}

// What a trained model says depends on the machine: then numbers may differ, and training may be made shorter.
struct PageRules {
  bool any_numbers = false;
  std::string train_options;  // behind each `heddle train …`
};

// Runs every command of the page, in order, in the folder: it must say what the page says.
inline void expect_page_holds(const std::string& page, const Folder& folder, size_t least,
                              const PageRules& rules = {}) {
  const auto examples = examples_of(source_path("docs") / page);
  EXPECT_GT(examples.size(), least);
  for (const Example& example : examples) {
    const bool trains = example.command.starts_with("heddle train ");
    const std::string said = output_of(example.command + (trains ? rules.train_options : ""), folder);
    if (rules.any_numbers) EXPECT_EQ(without_numbers(said), without_numbers(example.output)) << example.command;
    else EXPECT_EQ(said, example.output) << example.command;
  }
}

}  // namespace heddle::app
