#pragma once
// Where tests find files. Only places.cc is told the folders, so that every other test compiles alike in any of them.

#include <filesystem>
#include <string_view>

namespace heddle {

// A file of the sources by its path within them, e.g. "tests/text/fixtures".
std::filesystem::path source_path(std::string_view path);

// The program `heddle` of this build.
const char* program_path();

}  // namespace heddle
