#include "heddle/text/word_vectors/vector_text.h"

#include <algorithm>
#include <limits>
#include <mutex>

#include "heddle/base/error.h"
#include "heddle/base/thread_loop.h"
#include "heddle/text/word_vectors/vector_line.h"

namespace heddle::text {
namespace {

constexpr int64_t kLinesForAThread = 256;

// Lines of one file, by the byte where each begins.
class Lines {
 public:
  // Stops behind the first line of fewer than `least` bytes, which cannot be one of ours: so there are never many more
  // lines than vectors.
  Lines(std::string_view bytes, size_t least) : bytes_(bytes) {
    for (size_t at = 0; at < bytes.size();) {
      begins_.push_back(at);
      const size_t end = std::min(bytes.find('\n', at), bytes.size());
      if (end - at < least) break;
      at = end + 1;
    }
  }

  int64_t count() const { return std::ssize(begins_); }
  std::string_view at(int64_t line) const {
    const size_t begin = begins_[static_cast<size_t>(line)];
    return bytes_.substr(begin, std::min(bytes_.find('\n', begin), bytes_.size()) - begin);
  }

 private:
  std::string_view bytes_;
  std::vector<size_t> begins_;
};

// The problem of the first line that has one, whichever thread met it.
struct FirstProblem {
  int64_t line = std::numeric_limits<int64_t>::max();
  std::string what;
  std::mutex mutex;

  void keep(int64_t at, std::string problem) {
    const std::lock_guard lock(mutex);
    if (at < line) line = at, what = std::move(problem);
  }
};

struct Parsed {
  std::vector<std::string_view> words;
  std::vector<float> values;
};

Parsed parse(const std::string& name, const Lines& lines, int64_t width, int64_t first_line) {
  Parsed parsed = {std::vector<std::string_view>(static_cast<size_t>(lines.count())),
                   std::vector<float>(static_cast<size_t>(lines.count() * width))};
  FirstProblem first;
  parallel_for(lines.count(), kLinesForAThread, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) {
      std::string problem = read_vector_line(lines.at(i), parsed.words[static_cast<size_t>(i)],
                                             {parsed.values.data() + i * width, static_cast<size_t>(width)});
      if (!problem.empty()) return first.keep(i, std::move(problem));
    }
  });
  if (!first.what.empty()) fail_input("{}:{}: the line {}", name, first_line + first.line, first.what);
  return parsed;
}

}  // namespace

WordVectors read_text_vectors(const std::string& name, std::string_view bytes,
                              const std::optional<VectorHeader>& header) {
  if (header) check_vector_header(name, *header, bytes.size(), 2, 2);
  std::string_view body = bytes.substr(header ? header->bytes : 0);
  body = body.substr(0, body.find_last_not_of("\r\n") + 1);
  const int64_t width = header ? header->width : numbers_at_end(body.substr(0, body.find('\n')));
  if (width == 0) fail_input("{}:1: the first line has no numbers; expected a word and its vector", name);
  const Lines lines(body, 2 * static_cast<size_t>(width) + 1);
  Parsed parsed = parse(name, lines, width, header ? 2 : 1);
  if (header && lines.count() != header->count)
    fail_input(
        "{}:1: the first line promises {} words, but {} lines follow; the file is cut short or was joined from others",
        name, header->count, lines.count());
  std::string pool;
  std::vector<WordVectors::Place> words;
  words.reserve(parsed.words.size());
  for (const std::string_view word : parsed.words) {
    words.push_back({pool.size(), static_cast<uint32_t>(word.size())});
    pool += word;
  }
  return WordVectors(width, std::move(pool), std::move(words), std::move(parsed.values));
}

}  // namespace heddle::text
