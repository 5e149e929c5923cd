#include "heddle/data/byte_source.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/base/error.h"

namespace heddle::data {
namespace {

constexpr size_t kBlock = size_t{1} << 16;
constexpr std::string_view kGzipMagic("\x1F\x8B", 2);
constexpr std::string_view kZstdMagic("\x28\xB5\x2F\xFD", 4);

// The file as it lies on the disk, a block at a time.
class Input {
 public:
  explicit Input(const std::filesystem::path& file) : name_(file.string()) {
    std::error_code error;
    if (std::filesystem::is_directory(file, error)) fail_input("{} is a directory; give a text file", name_);
    file_.reset(std::fopen(file.c_str(), "rb"));
    if (!file_) fail_input("cannot open {}: {}", name_, std::strerror(errno));
    block_.resize(kBlock);
    refill();
  }

  const std::string& name() const { return name_; }
  std::string_view rest() const { return {block_.data() + at_, end_ - at_}; }
  void skip(size_t bytes) { at_ += bytes; }
  // Reads a block once the last one is used up; false at the end of the file.
  bool refill() {
    if (at_ < end_) return true;
    at_ = 0;
    end_ = std::fread(block_.data(), 1, block_.size(), file_.get());
    if (end_ == 0 && std::ferror(file_.get())) fail_system("cannot read {}: {}", name_, std::strerror(errno));
    return end_ > 0;
  }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::string name_;
  std::unique_ptr<std::FILE, Close> file_;
  std::vector<char> block_;
  size_t at_ = 0, end_ = 0;
};

[[noreturn]] void fail_truncated(const std::string& name) {
  fail_input("{} is cut short: its last compressed part is not complete; copy the file again", name);
}

[[noreturn]] void fail_damaged(const std::string& name, std::string_view why) {
  fail_input("{} is damaged ({}); copy the file again", name, why);
}

class PlainSource : public ByteSource {
 public:
  explicit PlainSource(Input input) : input_(std::move(input)) {}

  size_t read(char* to, size_t most) override {
    if (!input_.refill()) return 0;
    const size_t bytes = std::min(most, input_.rest().size());
    std::memcpy(to, input_.rest().data(), bytes);
    input_.skip(bytes);
    return bytes;
  }

 private:
  Input input_;
};

class GzipSource : public ByteSource {
 public:
  explicit GzipSource(Input input) : input_(std::move(input)) {
    constexpr int kGzipOnly = 16;  // added to the window bits
    if (inflateInit2(&stream_, MAX_WBITS + kGzipOnly) != Z_OK) fail_system("no memory to decompress {}", input_.name());
  }
  ~GzipSource() override { inflateEnd(&stream_); }

  size_t read(char* to, size_t most) override {
    stream_.next_out = reinterpret_cast<Bytef*>(to);
    stream_.avail_out = static_cast<uInt>(std::min(most, kBlock));
    const uInt wanted = stream_.avail_out;
    while (stream_.avail_out == wanted) {
      const bool more = input_.refill();
      if (!inside_member_ && members_ > 0) {
        if (!more) break;
        inflateReset(&stream_);
      }
      inside_member_ = true;
      inflate_rest(more);
    }
    return wanted - stream_.avail_out;
  }

 private:
  void inflate_rest(bool more) {
    const size_t bytes = input_.rest().size();
    // zlib's interface predates const; it does not write to its input.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input_.rest().data()));
    stream_.avail_in = static_cast<uInt>(bytes);
    const int code = inflate(&stream_, Z_NO_FLUSH);
    input_.skip(bytes - stream_.avail_in);
    if (code == Z_STREAM_END) {
      inside_member_ = false;
      ++members_;
    } else if (code == Z_BUF_ERROR && !more) {
      fail_truncated(input_.name());
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      fail_damaged(input_.name(), stream_.msg ? stream_.msg : "gzip");
    }
  }

  Input input_;
  z_stream stream_{};
  bool inside_member_ = false;
  int64_t members_ = 0;
};

class ZstdSource : public ByteSource {
 public:
  explicit ZstdSource(Input input) : input_(std::move(input)), stream_(ZSTD_createDStream()) {
    if (!stream_) fail_system("no memory to decompress {}", input_.name());
  }

  size_t read(char* to, size_t most) override {
    ZSTD_outBuffer out = {to, most, 0};
    while (out.pos == 0) {
      const bool more = input_.refill();
      if (!more && !inside_frame_) break;
      ZSTD_inBuffer in = {input_.rest().data(), input_.rest().size(), 0};
      const size_t code = ZSTD_decompressStream(stream_.get(), &out, &in);
      if (ZSTD_isError(code)) fail_damaged(input_.name(), ZSTD_getErrorName(code));
      input_.skip(in.pos);
      inside_frame_ = code != 0;
      if (!more && inside_frame_ && out.pos == 0) fail_truncated(input_.name());
    }
    return out.pos;
  }

 private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };
  Input input_;
  std::unique_ptr<ZSTD_DStream, Free> stream_;
  bool inside_frame_ = true;  // a file without any frame is cut short
};

}  // namespace

std::unique_ptr<ByteSource> ByteSource::open(const std::filesystem::path& file) {
  Input input(file);
  const std::string_view start = input.rest();
  const bool gzip = start.starts_with(kGzipMagic), zstd = start.starts_with(kZstdMagic);
  if (gzip || (!zstd && file.extension() == ".gz")) return std::make_unique<GzipSource>(std::move(input));
  if (zstd || file.extension() == ".zst") return std::make_unique<ZstdSource>(std::move(input));
  return std::make_unique<PlainSource>(std::move(input));
}

}  // namespace heddle::data
