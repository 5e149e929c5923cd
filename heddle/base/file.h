#pragma once
// Files: whole reads with a bound, and writes that are there completely or not at all.

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace heddle {

// The whole file; InputError when it is missing, a directory, or larger than `most` bytes.
std::string read_file(const std::filesystem::path& file, int64_t most);

// Writes beside the target, syncs, renames. The old file stays when anything fails.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path target);
  ~AtomicFile();  // without commit(): the temporary file is removed
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(const void* data, int64_t bytes);
  void write(std::string_view text) { write(text.data(), static_cast<int64_t>(text.size())); }
  void commit();

 private:
  [[noreturn]] void fail(std::string_view doing) const;

  std::filesystem::path target_;
  std::string temporary_;
  std::FILE* file_ = nullptr;
};

void write_file_atomic(const std::filesystem::path& target, std::string_view text);

// The folder and those it lies in, where they are not there yet; SystemError where they cannot be.
void create_folder(const std::filesystem::path& folder);

// A folder that is there completely or not at all: filled under another name beside its place, then renamed to it,
// which must be free. What stands in the way is a std::filesystem::filesystem_error.
class AtomicFolder {
 public:
  static constexpr const char* kUnfinished = ".unfinished-";  // how the other name begins

  explicit AtomicFolder(const std::filesystem::path& place);
  ~AtomicFolder();  // without commit(): what was written is removed
  AtomicFolder(const AtomicFolder&) = delete;
  AtomicFolder& operator=(const AtomicFolder&) = delete;

  const std::filesystem::path& building() const { return building_; }
  void commit();

 private:
  std::filesystem::path place_, building_;
  bool done_ = false;
};

// Makes the names in a directory durable.
void sync_directory(const std::filesystem::path& directory);

// A read-only view of a file's bytes, mapped into memory.
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& file);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return {data_, size_}; }

 private:
  const std::byte* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace heddle
