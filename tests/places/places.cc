#include "tests/places/places.h"

namespace heddle {

std::filesystem::path source_path(std::string_view path) { return std::filesystem::path(HEDDLE_SOURCE_DIR) / path; }

const char* program_path() { return HEDDLE_PROGRAM; }

bool memory_is_ours() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return false;
#else
  return true;
#endif
}

}  // namespace heddle
