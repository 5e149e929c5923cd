#include "tests/places/places.h"

namespace heddle {

std::filesystem::path source_path(std::string_view path) { return std::filesystem::path(HEDDLE_SOURCE_DIR) / path; }

const char* program_path() { return HEDDLE_PROGRAM; }

}  // namespace heddle
