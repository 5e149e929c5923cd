// heddle_reader_rate FILE...: how fast files are unpacked, cut into lines, and read as rows of their format, in MB of
// unpacked text a second; the best of three passes each, in time of the processor.

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "heddle/base/clock.h"
#include "heddle/data/readers/format.h"

namespace {

using heddle::data::Record;

int64_t unpack(const std::filesystem::path& file) {
  const auto source = heddle::data::ByteSource::open(file);
  std::vector<char> block(size_t{1} << 18);
  int64_t bytes = 0;
  while (const size_t got = source->read(block.data(), block.size())) bytes += static_cast<int64_t>(got);
  return bytes;
}

int64_t read_lines(const std::filesystem::path& file) {
  heddle::data::LineReader reader(file, heddle::data::ReaderOptions{}.limits);
  int64_t bytes = 0;
  for (std::string_view line; reader.next(line);) bytes += std::ssize(line) + 1;
  return bytes;
}

int64_t read_rows(const std::filesystem::path& file) {
  const auto reader = heddle::data::open_records(file);
  int64_t rows = 0;
  for (Record record; reader->next(record);) ++rows;
  return rows;
}

double best_seconds(const std::function<void()>& work) {
  double best = 1e9;
  for (int pass = 0; pass < 3; ++pass) {
    const double start = heddle::thread_cpu_seconds();
    work();
    best = std::min(best, heddle::thread_cpu_seconds() - start);
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::filesystem::path file = argv[i];
    const double megabytes = static_cast<double>(unpack(file)) / 1e6;
    const double unpacked = best_seconds([&] { unpack(file); });
    const double lines = best_seconds([&] { read_lines(file); }), rows = best_seconds([&] { read_rows(file); });
    fmt::print("{}: {:.0f} MB; unpacked {:.0f} MB/s, lines {:.0f} ({:.2f} of it), {} rows {:.0f} ({:.2f} of it)\n",
               file.string(), megabytes, megabytes / unpacked, megabytes / lines, unpacked / lines,
               heddle::data::name_of(heddle::data::guess_format(file)), megabytes / rows, unpacked / rows);
  }
}
