#include "heddle/data/byte_source.h"

#include <isa-l/igzip_lib.h>
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

constexpr size_t kSourceBlock = size_t{1} << 18;
constexpr int64_t kJudgedFrom = int64_t{64} << 20;
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
    block_.resize(kSourceBlock);
    refill();
  }

  const std::string& name() const { return name_; }
  std::string_view rest() const { return {block_.data() + at_, end_ - at_}; }
  void skip(size_t bytes) {
    at_ += bytes;
    used_ += static_cast<int64_t>(bytes);
  }
  int64_t used() const { return used_; }  // bytes skipped so far
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
  int64_t used_ = 0;
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
  bool is_archive() const override { return false; }

 private:
  Input input_;
};

// Counts what comes out of an archive against its limits.
class UnpackedBytes {
 public:
  explicit UnpackedBytes(const UnpackLimits& limits) : limits_(limits) {}

  void add(size_t bytes, const Input& input) {
    bytes_ += static_cast<int64_t>(bytes);
    if (limits_.most_bytes > 0 && bytes_ > limits_.most_bytes)
      fail_input("{} unpacks to more than {} bytes, the limit; raise the limit if that is right", input.name(),
                 limits_.most_bytes);
    if (bytes_ > kJudgedFrom && static_cast<double>(bytes_) > limits_.most_ratio * static_cast<double>(input.used()))
      fail_input(
          "{} unpacks to more than {} times its size, which no usual text does; raise the limit of the ratio if that "
          "is right",
          input.name(), limits_.most_ratio);
  }

 private:
  UnpackLimits limits_;
  int64_t bytes_ = 0;
};

class GzipSource : public ByteSource {
 public:
  GzipSource(Input input, const UnpackLimits& limits) : input_(std::move(input)), unpacked_(limits) {
    isal_inflate_init(&state_);
    state_.crc_flag = ISAL_GZIP;  // header and checksum are read and checked
  }

  size_t read(char* to, size_t most) override {
    state_.next_out = reinterpret_cast<uint8_t*>(to);
    state_.avail_out = static_cast<uint32_t>(std::min(most, kSourceBlock));
    const uint32_t wanted = state_.avail_out;
    while (state_.avail_out == wanted) {
      const bool more = input_.refill();
      if (!inside_member_ && members_ > 0) {
        if (!more) break;
        isal_inflate_reset(&state_);
      }
      inside_member_ = true;
      inflate_rest(more);
    }
    const size_t bytes = wanted - state_.avail_out;
    unpacked_.add(bytes, input_);
    return bytes;
  }

 private:
  void inflate_rest(bool more) {
    const size_t bytes = input_.rest().size();
    const uint32_t room = state_.avail_out;
    // The library's interface predates const; it does not write to its input.
    state_.next_in = reinterpret_cast<uint8_t*>(const_cast<char*>(input_.rest().data()));
    state_.avail_in = static_cast<uint32_t>(bytes);
    const int code = isal_inflate(&state_);
    input_.skip(bytes - state_.avail_in);
    if (code != ISAL_DECOMP_OK) fail_damaged(input_.name(), problem(code));
    if (state_.block_state == ISAL_BLOCK_FINISH) {
      inside_member_ = false;
      ++members_;
    } else if (!more && state_.avail_out == room) {
      fail_truncated(input_.name());
    }
  }

  static std::string_view problem(int code) {
    switch (code) {
      case ISAL_INCORRECT_CHECKSUM: return "the checksum is wrong";
      case ISAL_INVALID_WRAPPER: return "this is no gzip header";
      case ISAL_UNSUPPORTED_METHOD: return "the method of compression is unknown";
      default: return "the compressed data make no sense";
    }
  }

  Input input_;
  UnpackedBytes unpacked_;
  inflate_state state_{};
  bool inside_member_ = false;
  int64_t members_ = 0;
};

class ZstdSource : public ByteSource {
 public:
  ZstdSource(Input input, const UnpackLimits& limits)
      : input_(std::move(input)), unpacked_(limits), stream_(ZSTD_createDStream()) {
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
    unpacked_.add(out.pos, input_);
    return out.pos;
  }

 private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };
  Input input_;
  UnpackedBytes unpacked_;
  std::unique_ptr<ZSTD_DStream, Free> stream_;
  bool inside_frame_ = true;  // a file without any frame is cut short
};

}  // namespace

std::unique_ptr<ByteSource> ByteSource::open(const std::filesystem::path& file, const UnpackLimits& limits) {
  Input input(file);
  const std::string_view start = input.rest();
  const bool gzip = start.starts_with(kGzipMagic), zstd = start.starts_with(kZstdMagic);
  if (gzip || (!zstd && file.extension() == ".gz")) return std::make_unique<GzipSource>(std::move(input), limits);
  if (zstd || file.extension() == ".zst") return std::make_unique<ZstdSource>(std::move(input), limits);
  return std::make_unique<PlainSource>(std::move(input));
}

}  // namespace heddle::data
