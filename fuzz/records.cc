// Any bytes as a data file of every text-like format: a sentence, or rows of valid UTF-8 with as many columns as there
// are names.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "heddle/base/error.h"
#include "heddle/base/utf8.h"
#include "heddle/data/readers/record_reader.h"

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

// The first byte chooses the format, and whether there is a header.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using heddle::data::Format;
  if (size < 1) return 0;
  static const int memory = memfd_create("fuzz", 0);  // a file without a disk
  static const std::string path = "/proc/self/fd/" + std::to_string(memory);
  check(ftruncate(memory, 0) == 0 && pwrite(memory, data + 1, size - 1, 0) == static_cast<ssize_t>(size - 1));
  heddle::data::ReaderOptions options = {.format = static_cast<Format>(data[0] % 8)};
  options.limits = {.longest_line = 4096, .unpacked = {.most_bytes = int64_t{1} << 20}};
  if (data[0] & 8) options.header = (data[0] & 16) != 0;
  try {
    const auto reader = heddle::data::open_records(path, options);
    for (heddle::data::Record record; reader->next(record);) {
      check(record.line >= 1 && record.columns() == reader->columns().size());
      for (size_t i = 0; i < record.columns(); ++i)
        for (std::string_view value : record.all(i)) check(heddle::is_valid_utf8(value));
    }
  } catch (const heddle::InputError& error) {
    check(std::string_view(error.what()).size() > 10);
  }
  return 0;
}
