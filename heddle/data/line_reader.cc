#include "heddle/data/line_reader.h"

#include <zlib.h>
#include <zstd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include "heddle/base/error.h"

namespace heddle::data {
namespace {

constexpr size_t kLongestLine = size_t{1} << 20;
constexpr size_t kBlock = size_t{1} << 16;

}  // namespace

// zlib reads plain files as they are, so gzip and plain share a path.
class LineReader::Source {
 public:
  explicit Source(const std::filesystem::path& file) : name_(file.string()) {
    std::error_code error;
    if (std::filesystem::is_directory(file, error)) fail_input("{} is a directory; expected a text file", name_);
    file_ = std::fopen(file.c_str(), "rb");
    if (!file_) fail_input("cannot open {}: {}", name_, std::strerror(errno));
    unsigned char magic[4] = {};
    const size_t read = std::fread(magic, 1, 4, file_);
    std::rewind(file_);
    constexpr unsigned char kZstd[4] = {0x28, 0xB5, 0x2F, 0xFD};
    if (read == 4 && std::memcmp(magic, kZstd, 4) == 0) {
      zstd_ = ZSTD_createDStream();
      compressed_.resize(kBlock);
    } else {
      std::fclose(file_);
      file_ = nullptr;
      gzip_ = gzopen(file.c_str(), "rb");
      if (!gzip_) fail_input("cannot open {}: {}", name_, std::strerror(errno));
    }
  }
  ~Source() {
    if (file_) std::fclose(file_);
    if (gzip_) gzclose(gzip_);
    if (zstd_) ZSTD_freeDStream(zstd_);
  }
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  // Up to `most` bytes; 0 at the end.
  size_t read(char* to, size_t most) { return gzip_ ? read_gzip(to, most) : read_zstd(to, most); }

 private:
  size_t read_gzip(char* to, size_t most) {
    const int got = gzread(gzip_, to, static_cast<unsigned>(most));
    int code = Z_OK;
    const char* message = gzerror(gzip_, &code);
    if (got < 0 || (code != Z_OK && code != Z_STREAM_END))
      fail_input("{} is damaged or cut short: {}; give a whole file", name_, message);
    return static_cast<size_t>(got);
  }
  size_t read_zstd(char* to, size_t most) {
    ZSTD_outBuffer out = {to, most, 0};
    while (out.pos == 0) {
      if (input_.pos == input_.size) {
        input_ = {compressed_.data(), std::fread(compressed_.data(), 1, kBlock, file_), 0};
        if (input_.size == 0) {
          if (unfinished_) fail_input("{} is cut short; give a whole file", name_);
          return 0;
        }
      }
      const size_t code = ZSTD_decompressStream(zstd_, &out, &input_);
      if (ZSTD_isError(code)) fail_input("{} is damaged: {}", name_, ZSTD_getErrorName(code));
      unfinished_ = code != 0;
    }
    return out.pos;
  }

  std::string name_;
  std::FILE* file_ = nullptr;
  gzFile gzip_ = nullptr;
  ZSTD_DStream* zstd_ = nullptr;
  std::vector<char> compressed_;
  ZSTD_inBuffer input_ = {nullptr, 0, 0};
  bool unfinished_ = false;
};

LineReader::LineReader(std::filesystem::path file) : file_(std::move(file)), source_(std::make_unique<Source>(file_)) {}
LineReader::~LineReader() = default;
LineReader::LineReader(LineReader&&) noexcept = default;

bool LineReader::refill() {
  buffer_.erase(0, at_);
  at_ = 0;
  const size_t old = buffer_.size();
  if (old > kLongestLine)
    fail_input("{}:{}: a line is longer than {} bytes; expected one sentence a line", file_.string(), line_number_ + 1, kLongestLine);
  buffer_.resize(old + kBlock);
  const size_t got = source_->read(buffer_.data() + old, kBlock);
  buffer_.resize(old + got);
  return got > 0;
}

bool LineReader::next(std::string& line) {
  size_t end = buffer_.find('\n', at_);
  while (end == std::string::npos && refill()) end = buffer_.find('\n', at_);
  if (end == std::string::npos && at_ == buffer_.size()) return false;
  const bool last = end == std::string::npos;
  line.assign(buffer_, at_, last ? std::string::npos : end - at_);
  at_ = last ? buffer_.size() : end + 1;
  ++line_number_;
  if (line.find('\0') != std::string::npos)
    fail_input("{}:{}: the line has NUL bytes, so this is no text file; give UTF-8 text", file_.string(), line_number_);
  return true;
}

}  // namespace heddle::data
