#include "heddle/base/line_filter.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <memory>
#include <vector>

#include "heddle/base/error.h"
#include "heddle/base/thread_loop.h"

namespace heddle {
namespace {

constexpr size_t kBytesForAThread = size_t{1} << 12;

bool is_ready(int descriptor) {
  pollfd input = {descriptor, POLLIN, 0};
  return poll(&input, 1, 0) > 0;
}

std::string too_long(size_t longest) {
  return fmt::format("the line is longer than {} bytes; expected a text a line", longest);
}

// Cuts what a descriptor gives into blocks of whole lines.
class LineBlocks {
 public:
  LineBlocks(int input, const LineFilterLimits& limits)
      : input_(input), limits_(limits), capacity_(std::max<size_t>(limits.block, 4)), bytes_(new char[capacity_]) {}

  // The next block, which lives until the next call; empty at the end of the input.
  std::string_view next() {
    std::memmove(bytes_.get(), bytes_.get() + taken_, end_ - taken_);
    end_ -= taken_;
    size_t lines_end = 0;  // behind the last line feed
    for (size_t searched = 0;;) {
      const void* found = memrchr(bytes_.get() + searched, '\n', end_ - searched);
      if (found) lines_end = static_cast<size_t>(static_cast<const char*>(found) - bytes_.get()) + 1;
      searched = end_;
      if (lines_end > 0 && (end_ >= limits_.block || !is_ready(input_))) break;
      if (lines_end == 0 && end_ > limits_.longest_line)
        fail_input("line {}: {}", lines_ + 1, too_long(limits_.longest_line));
      if (!fill()) {
        lines_end = end_;
        break;
      }
    }
    if (lines_ == 0) skip_byte_order_mark(lines_end);
    taken_ = lines_end;
    const std::string_view block(bytes_.get() + skipped_, lines_end - skipped_);
    skipped_ = 0;
    lines_ += std::count(block.begin(), block.end(), '\n');
    return block;
  }

 private:
  bool fill() {
    if (end_ == capacity_) {
      std::unique_ptr<char[]> larger(new char[2 * capacity_]);
      std::memcpy(larger.get(), bytes_.get(), end_);
      bytes_ = std::move(larger);
      capacity_ *= 2;
    }
    for (;;) {
      const ssize_t got = read(input_, bytes_.get() + end_, capacity_ - end_);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) fail_system("cannot read the input: {}", std::strerror(errno));
      end_ += static_cast<size_t>(got);
      return got > 0;
    }
  }

  void skip_byte_order_mark(size_t end) {
    const std::string_view start(bytes_.get(), end);
    if (start.starts_with("\xFF\xFE") || start.starts_with("\xFE\xFF"))
      fail_input("the input is UTF-16; expected UTF-8 (iconv -f UTF-16 -t UTF-8 converts it)");
    if (start.starts_with("\xEF\xBB\xBF")) skipped_ = 3;
  }

  int input_;
  LineFilterLimits limits_;
  size_t capacity_;
  std::unique_ptr<char[]> bytes_;
  size_t end_ = 0, taken_ = 0;  // bytes read, and those of them given away
  size_t skipped_ = 0;
  int64_t lines_ = 0;  // given away
};

void write_all(int output, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(output, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_system("cannot write the output: {}", std::strerror(errno));
    text.remove_prefix(static_cast<size_t>(written));
  }
}

// A thread's lines of a block, what became of them, and what stopped it.
struct Share {
  std::string_view lines;
  int64_t first_number = 0;
  std::string out;
  std::exception_ptr error;

  void change_all(const ChangeLine& change, size_t longest) {
    int64_t number = first_number;
    try {
      for (; !lines.empty(); ++number) {
        const size_t end = std::min(lines.find('\n'), lines.size());
        std::string_view line = lines.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (end > longest) fail_input("{}", too_long(longest));
        change(line, out);
        lines.remove_prefix(std::min(end + 1, lines.size()));
      }
    } catch (const InputError& problem) {
      error = std::make_exception_ptr(InputError(fmt::format("line {}: {}", number, problem.what())));
    } catch (...) {
      error = std::current_exception();
    }
  }
};

// Shares of nearly as many bytes each, cut between lines; `number` is that of the block's first line, then of the next
// block's.
void deal_out(std::string_view block, int64_t& number, std::vector<Share>& shares) {
  size_t from = 0;
  for (size_t i = 0; i < shares.size(); ++i) {
    const size_t about = std::max(from, block.size() * (i + 1) / shares.size());
    const size_t to = i + 1 == shares.size() ? block.size() : std::min(block.find('\n', about), block.size() - 1) + 1;
    shares[i].lines = block.substr(from, to - from);
    shares[i].first_number = number;
    number += std::count(shares[i].lines.begin(), shares[i].lines.end(), '\n');
    from = to;
  }
}

}  // namespace

void filter_lines(int input, int output, const ChangeLine& change, const LineFilterLimits& limits) {
  LineBlocks blocks(input, limits);
  std::vector<Share> shares;
  int64_t number = 1;
  for (std::string_view block = blocks.next(); !block.empty(); block = blocks.next()) {
    const auto most = static_cast<size_t>(thread_count());
    shares.resize(std::clamp<size_t>(block.size() / kBytesForAThread, 1, most));
    deal_out(block, number, shares);
    parallel_for(std::ssize(shares), 1, [&](int64_t begin, int64_t end, int) {
      for (int64_t i = begin; i < end; ++i) shares[static_cast<size_t>(i)].change_all(change, limits.longest_line);
    });
    for (Share& share : shares) {
      write_all(output, share.out);
      share.out.clear();
      if (share.error) std::rethrow_exception(share.error);
    }
  }
}

}  // namespace heddle
