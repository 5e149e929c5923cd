// Any bytes as training text: two aligned files, or one with two columns. A sentence, or pairs of valid UTF-8 without
// line ends.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "heddle/base/error.h"
#include "heddle/base/utf8.h"
#include "heddle/data/parallel_text.h"

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

// A file in memory, under a name that can be opened.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : handle_(memfd_create("fuzz", 0)) {
    check(handle_ >= 0 && write(handle_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  }
  ~MemoryFile() { close(handle_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::string name() const { return "/proc/self/fd/" + std::to_string(handle_); }

 private:
  int handle_;
};

bool is_line(std::string_view text) { return heddle::is_valid_utf8(text) && text.find('\n') == text.npos; }

}  // namespace

// The first byte says how the text lies, the second what part of it is the first file's.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const size_t middle = data[0] % 2 == 0 ? bytes.size() * data[1] / 255 : bytes.size();
  const MemoryFile source(bytes.substr(0, middle)), target(bytes.substr(middle));
  heddle::data::ParallelFiles files = {.source = source.name(), .target = {}};
  if (data[0] % 2 == 0) files.target = target.name();
  if (data[0] % 4 == 3) files.source_column = "1", files.target_column = "2";
  try {
    const auto pairs = heddle::data::read_parallel(files, [](const std::string& warning) { check(!warning.empty()); });
    check(!pairs.empty());
    for (const auto& pair : pairs) check(is_line(pair.source) && is_line(pair.target));
  } catch (const heddle::InputError& error) {
    check(std::string_view(error.what()).size() > 10);
  }
  return 0;
}
