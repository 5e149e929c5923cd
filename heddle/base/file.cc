#include "heddle/base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "heddle/base/error.h"

namespace heddle {

std::string read_file(const std::filesystem::path& file, int64_t most) {
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) fail_input("{} is a directory; expected a file", file.string());
  std::ifstream stream(file, std::ios::binary);
  if (!stream) fail_input("cannot open {}: {}", file.string(), std::strerror(errno));
  std::string text;
  char buffer[1 << 16];
  while (stream.read(buffer, sizeof buffer) || stream.gcount() > 0) {
    text.append(buffer, static_cast<size_t>(stream.gcount()));
    if (static_cast<int64_t>(text.size()) > most)
      fail_input("{} is larger than the {} bytes that are read here", file.string(), most);
  }
  if (stream.bad()) fail_system("cannot read {}: {}", file.string(), std::strerror(errno));
  return text;
}

AtomicFile::AtomicFile(std::filesystem::path target) : target_(std::move(target)) {
  temporary_ = target_.string() + ".XXXXXX";
  const int descriptor = mkstemp(temporary_.data());
  if (descriptor < 0) fail("create a file beside");
  fchmod(descriptor, 0644);
  file_ = fdopen(descriptor, "wb");
}

AtomicFile::~AtomicFile() {
  if (!file_) return;
  std::fclose(file_);
  unlink(temporary_.c_str());
}

void AtomicFile::fail(std::string_view doing) const {
  fail_system("cannot {} {}: {}; free some space or choose a writable directory", doing, target_.string(),
              std::strerror(errno));
}

void AtomicFile::write(const void* data, int64_t bytes) {
  if (bytes == 0) return;  // of nothing, which may have no address
  if (std::fwrite(data, 1, static_cast<size_t>(bytes), file_) != static_cast<size_t>(bytes)) fail("write");
}

void AtomicFile::commit() {
  if (std::fflush(file_) != 0 || fsync(fileno(file_)) != 0) fail("write");
  std::FILE* file = std::exchange(file_, nullptr);
  if (std::fclose(file) != 0 || std::rename(temporary_.c_str(), target_.c_str()) != 0) {
    unlink(temporary_.c_str());
    fail("replace");
  }
  sync_directory(target_.has_parent_path() ? target_.parent_path() : ".");
}

void write_file_atomic(const std::filesystem::path& target, std::string_view text) {
  AtomicFile file(target);
  file.write(text);
  file.commit();
}

void create_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) fail_system("cannot create {}: {}", folder.string(), error.message());
}

AtomicFolder::AtomicFolder(const std::filesystem::path& place)
    : place_(std::filesystem::absolute(place).lexically_normal()) {
  if (!place_.has_filename()) place_ = place_.parent_path();  // "folder/"
  building_ = place_.parent_path() / (kUnfinished + place_.filename().string());
  std::filesystem::create_directories(place_.parent_path());
  std::filesystem::remove_all(building_);
  std::filesystem::create_directory(building_);
}

AtomicFolder::~AtomicFolder() {
  std::error_code ignored;
  if (!done_) std::filesystem::remove_all(building_, ignored);
}

void AtomicFolder::commit() {
  sync_directory(building_);
  std::filesystem::rename(building_, place_);
  done_ = true;
  sync_directory(place_.parent_path());
}

void sync_directory(const std::filesystem::path& directory) {
  const int descriptor = open(directory.c_str(), O_RDONLY | O_DIRECTORY);
  if (descriptor < 0) return;
  fsync(descriptor);
  close(descriptor);
}

MappedFile::MappedFile(const std::filesystem::path& file) {
  const int descriptor = open(file.c_str(), O_RDONLY | O_NONBLOCK);  // a pipe must not hold us here
  if (descriptor < 0) fail_input("cannot open {}: {}", file.string(), std::strerror(errno));
  struct stat status {};
  if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    close(descriptor);
    fail_input("{} is no regular file; expected one that can be mapped", file.string());
  }
  size_ = static_cast<size_t>(status.st_size);
  void* mapped = size_ == 0 ? nullptr : mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor, 0);
  const int problem = errno;
  close(descriptor);
  if (mapped == MAP_FAILED) fail_input("cannot read {}: {}", file.string(), std::strerror(problem));
  data_ = static_cast<const std::byte*>(mapped);
}

MappedFile::~MappedFile() {
  if (data_) munmap(const_cast<std::byte*>(data_), size_);
}

}  // namespace heddle
