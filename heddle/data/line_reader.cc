#include "heddle/data/line_reader.h"

#include <cstring>

#include "heddle/base/error.h"
#include "heddle/data/read_ahead.h"

namespace heddle::data {
namespace {

constexpr size_t kLineBlock = size_t{1} << 18;

// Where `byte` is first in [from, to); `to` if it is not.
size_t find_byte(const char* bytes, size_t from, size_t to, char byte) {
  const void* found = std::memchr(bytes + from, byte, to - from);
  return found ? static_cast<size_t>(static_cast<const char*>(found) - bytes) : to;
}

}  // namespace

LineReader::LineReader(std::filesystem::path file, const ReadLimits& limits)
    : file_(std::move(file)),
      source_(open_ahead(file_, limits.unpacked)),
      longest_line_(limits.longest_line),
      buffer_(new char[kLineBlock + kPadding]),
      capacity_(kLineBlock),
      nul_(0) {}

// Reads more behind what is left, which moves to the front; room doubles for long lines. False at the end.
bool LineReader::refill() {
  const size_t left = end_ - at_;
  if (left > capacity_ / 2) {
    std::unique_ptr<char[]> larger(new char[2 * capacity_ + kPadding]);
    std::memcpy(larger.get(), buffer_.get() + at_, left);
    buffer_ = std::move(larger);
    capacity_ *= 2;
  } else {
    std::memmove(buffer_.get(), buffer_.get() + at_, left);
  }
  const bool clean = nul_ == end_;
  nul_ -= at_;
  at_ = 0;
  end_ = left + source_->read(buffer_.get() + left, capacity_ - left);
  if (clean) nul_ = find_byte(buffer_.get(), left, end_, '\0');
  return end_ > left;
}

void LineReader::skip_byte_order_mark() {
  const std::string_view start(buffer_.get(), end_);
  if (start.starts_with("\xFF\xFE") || start.starts_with("\xFE\xFF"))
    fail_input("{} is UTF-16; expected UTF-8 (iconv -f UTF-16 -t UTF-8 converts it)", file_.string());
  if (start.starts_with("\xEF\xBB\xBF")) at_ = 3;
}

bool LineReader::next(std::string_view& line) {
  if (line_number_ == 0 && end_ == 0) {
    while (end_ < 3 && refill()) {
    }
    skip_byte_order_mark();
  }
  size_t newline = find_byte(buffer_.get(), at_, end_, '\n');
  while (newline == end_ && end_ - at_ <= longest_line_) {
    const size_t searched = end_ - at_;
    const bool more = refill();
    newline = find_byte(buffer_.get(), searched, end_, '\n');
    if (!more) break;
  }
  const bool ended = newline < end_;
  if (!ended && at_ == end_) return false;
  ++line_number_;
  if (newline - at_ > longest_line_)
    fail_input("{}:{}: the line is longer than {} bytes; expected text with one sentence a line", file_.string(),
               line_number_, longest_line_);
  if (nul_ < newline)
    fail_input("{}:{}: the line has NUL bytes, so this is a binary file; expected UTF-8 text", file_.string(),
               line_number_);
  line = {buffer_.get() + at_, newline - at_};
  at_ = newline + (ended ? 1 : 0);
  return true;
}

bool LineReader::next(std::string& line) {
  std::string_view view;
  if (!next(view)) return false;
  line.assign(view);
  return true;
}

}  // namespace heddle::data
