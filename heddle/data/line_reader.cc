#include "heddle/data/line_reader.h"

#include "heddle/base/error.h"

namespace heddle::data {
namespace {

constexpr size_t kBlock = size_t{1} << 16;

}  // namespace

LineReader::LineReader(std::filesystem::path file, size_t longest_line)
    : file_(std::move(file)), source_(ByteSource::open(file_)), longest_line_(longest_line) {}

bool LineReader::refill() {
  buffer_.erase(0, at_);
  at_ = 0;
  const size_t old = buffer_.size();
  buffer_.resize(old + kBlock);
  const size_t got = source_->read(buffer_.data() + old, kBlock);
  buffer_.resize(old + got);
  return got > 0;
}

bool LineReader::next(std::string& line) {
  size_t end = buffer_.find('\n', at_);
  while (end == std::string::npos && buffer_.size() - at_ <= longest_line_) {
    const size_t searched = buffer_.size() - at_;
    if (!refill()) break;
    end = buffer_.find('\n', searched);
  }
  const bool ended = end != std::string::npos;
  const size_t length = (ended ? end : buffer_.size()) - at_;
  if (!ended && length == 0) return false;
  ++line_number_;
  if (length > longest_line_)
    fail_input("{}:{}: the line is longer than {} bytes; expected text with one sentence a line", file_.string(),
               line_number_, longest_line_);
  line.assign(buffer_, at_, length);
  at_ += length + (ended ? 1 : 0);
  if (line.find('\0') != std::string::npos)
    fail_input("{}:{}: the line has NUL bytes, so this is a binary file; expected UTF-8 text", file_.string(),
               line_number_);
  return true;
}

}  // namespace heddle::data
