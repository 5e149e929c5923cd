// heddle_encode_rate TOKENIZER FILE THREADS PASSES: how fast texts that lie in memory become ids that lie in memory, in
// MB of text a second; of the clock, and (…_processor) of the processor, all threads together. FILE holds documents
// with "<|endoftext|>" between them. The first pass meets a tokenizer that has encoded nothing yet, the later ones what
// it remembers, and the memory that ids lie in. Prints one JSON object; the checksum is over ids and lengths in order.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "heddle/base/clock.h"
#include "heddle/base/error.h"
#include "heddle/base/file.h"
#include "heddle/base/memory.h"
#include "heddle/base/thread_loop.h"
#include "heddle/text/id_rows.h"

namespace {

using heddle::text::IdRows;
using heddle::text::Tokenizer;

std::vector<std::string_view> documents_of(std::string_view text) {
  constexpr std::string_view kSeparator = "<|endoftext|>";
  std::vector<std::string_view> documents;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(kSeparator, at), text.size());
    if (end > at) documents.push_back(text.substr(at, end - at));
    at = end + kSeparator.size();
  }
  return documents;
}

void report(const Tokenizer& tokenizer, const std::vector<std::string_view>& documents, int passes) {
  size_t bytes = 0;
  for (const std::string_view document : documents) bytes += document.size();
  std::vector<double> rates, processor_rates;
  uint64_t checksum = 0, tokens = 0;
  IdRows ids;
  for (int pass = 0; pass < passes; ++pass) {
    const double start = heddle::steady_seconds(), start_processor = heddle::process_cpu_seconds();
    heddle::text::encode_rows(tokenizer, documents, false, ids);
    rates.push_back(static_cast<double>(bytes) / 1e6 / (heddle::steady_seconds() - start));
    processor_rates.push_back(static_cast<double>(bytes) / 1e6 / (heddle::process_cpu_seconds() - start_processor));
    if (pass > 0) continue;
    for (const std::span<const int32_t> document : ids) {
      for (int32_t id : document) checksum += ++tokens * static_cast<uint64_t>(id + 1);
      checksum += tokens;
    }
  }
  const auto best_later = [](const std::vector<double>& all) {
    return all.size() > 1 ? *std::max_element(all.begin() + 1, all.end()) : all[0];
  };
  fmt::print(
      R"({{"name": "heddle", "cold": {:.1f}, "warm": {:.1f}, "cold_processor": {:.1f}, "warm_processor": {:.1f}, )"
      R"("tokens": {}, "checksum": {}, "peak_rss_bytes": {}}})"
      "\n",
      rates[0], best_later(rates), processor_rates[0], best_later(processor_rates), tokens, checksum,
      heddle::peak_rss_bytes());
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 5) heddle::fail_input("usage: heddle_encode_rate TOKENIZER FILE THREADS PASSES");
    heddle::set_thread_count(std::stoi(argv[3]));
    const Tokenizer tokenizer = Tokenizer::load(argv[1]);
    const std::string text = heddle::read_file(argv[2], int64_t{1} << 32);
    report(tokenizer, documents_of(text), std::stoi(argv[4]));
  } catch (const std::exception& error) {
    fmt::print(stderr, "heddle_encode_rate: {}\n", error.what());
    return 1;
  }
  return 0;
}
