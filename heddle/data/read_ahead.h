#pragma once
// Unpacks ahead: while one thread works on what it has read, another reads on, as far as a ring of buffers goes.

#include <memory>

#include "heddle/data/byte_source.h"

namespace heddle::data {

// The bytes of `source`, and at their end what it threw. The other thread starts with the second block, so a short file
// costs none; it is joined when the result is destroyed, at any time, so `source` must not wait for others, as a pipe
// does.
std::unique_ptr<ByteSource> read_ahead(std::unique_ptr<ByteSource> source);

// ByteSource::open(), and ahead where that gains something and harms nobody: of an archive, a file on the disk, for a
// program that may use several threads.
std::unique_ptr<ByteSource> open_ahead(const std::filesystem::path& file, const UnpackLimits& limits = {});

}  // namespace heddle::data
