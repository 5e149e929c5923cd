#pragma once
// Where tests find files, and what they run in. Only places.cc is told, so that every other test is compiled once for all.

#include <filesystem>
#include <string_view>

namespace heddle {

// A file of the sources by its path within them, e.g. "tests/text/fixtures".
std::filesystem::path source_path(std::string_view path);

// The program `heddle` of this build.
const char* program_path();

// Whether what this process takes of memory is the program's alone: a sanitizer has its own, and keeps what was freed.
bool memory_is_ours();

}  // namespace heddle
