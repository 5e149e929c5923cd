// heddle_reader_rate unpacked|lines|rows FILE: how fast a file is unpacked, and nothing else; cut into lines; read as
// rows of its format. In MB of unpacked text a second of the clock, the best of five passes, as JSON.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
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

}  // namespace

int main(int argc, char** argv) {
  const std::map<std::string, int64_t (*)(const std::filesystem::path&)> kinds = {
      {"unpacked", unpack}, {"lines", read_lines}, {"rows", read_rows}};
  if (argc != 3 || !kinds.contains(argv[1])) {
    fmt::print(stderr, "usage: heddle_reader_rate unpacked|lines|rows FILE\n");
    return 2;
  }
  const std::filesystem::path file = argv[2];
  const double megabytes = static_cast<double>(unpack(file)) / 1e6;
  double seconds = 1e9, processor = 1e9;
  for (int pass = 0; pass < 5; ++pass) {
    const double start = heddle::steady_seconds(), start_processor = heddle::process_cpu_seconds();
    kinds.at(argv[1])(file);
    seconds = std::min(seconds, heddle::steady_seconds() - start);
    processor = std::min(processor, heddle::process_cpu_seconds() - start_processor);
  }
  fmt::print("{{\"megabytes\": {:.1f}, \"megabytes_a_second\": {:.1f}, \"processor_seconds\": {:.4f}}}\n", megabytes,
             megabytes / seconds, processor);
}
