#pragma once
// The bytes of a file, decompressed: plain, gzip (RFC 1952, several members in a row too) or zstd
// (RFC 8878).
//
// The kind is told by the first bytes, or by the name (.gz, .zst) when those say nothing. Memory is
// bounded whatever the file claims: one block of input, and the window that the decompressor allows
// (32 KiB for gzip, 128 MiB for zstd). Pipes can be read.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

namespace heddle::data {

// What an archive may unpack to, so that a small file cannot keep the machine busy for days (a "bomb").
struct UnpackLimits {
  // Text rarely reaches 20; gzip cannot pass 1032, zstd can pass a million. Judged once 64 MiB are unpacked.
  double most_ratio = 500;
  int64_t most_bytes = 0;  // 0: any number
};

class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Fills `to` with up to `most` > 0 bytes and returns how many; 0 only at the end. Throws
  // InputError for an archive that is damaged, cut short, or beyond the limits, SystemError when the file
  // cannot be read.
  virtual size_t read(char* to, size_t most) = 0;
  virtual bool is_archive() const { return true; }  // so that reading takes time

  // Throws InputError when there is no such file or it is a directory.
  static std::unique_ptr<ByteSource> open(const std::filesystem::path& file, const UnpackLimits& limits = {});
};

}  // namespace heddle::data
