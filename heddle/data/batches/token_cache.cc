#include "heddle/data/batches/token_cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "heddle/base/error.h"
#include "heddle/data/byte_source.h"

namespace heddle::data {
namespace {

constexpr size_t kCacheBlock = size_t{1} << 18;

// The end of a cache file. Before it: ids, zeros up to a multiple of 8 bytes, and sequences + 1 offsets.
struct Footer {
  int64_t sequences, tokens;
  char key[32];
  char magic[16];
};
constexpr char kMagic[17] = "heddle tokens 1\n";

int64_t ids_bytes(int64_t tokens) { return (tokens * 4 + 7) / 8 * 8; }

// Held by one process at a time, and given back when it ends, however it ends.
class FileLock {
 public:
  explicit FileLock(const std::filesystem::path& file)
      : handle_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
    if (handle_ < 0) fail_system("cannot write {}: {}", file.string(), std::strerror(errno));
    while (flock(handle_, LOCK_EX) != 0)
      if (errno != EINTR) fail_system("cannot lock {}: {}", file.string(), std::strerror(errno));
  }
  ~FileLock() { close(handle_); }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int handle_;
};

void build(const std::filesystem::path& file, const std::string& key, const TokenCache::Fill& fill) {
  AtomicFile out(file);
  std::vector<int64_t> offsets = {0};
  fill([&](std::span<const int32_t> ids) {
    out.write(ids.data(), static_cast<int64_t>(ids.size_bytes()));
    offsets.push_back(offsets.back() + std::ssize(ids));
  });
  const int64_t zero = 0;
  out.write(&zero, ids_bytes(offsets.back()) - 4 * offsets.back());
  out.write(offsets.data(), 8 * std::ssize(offsets));
  Footer footer = {std::ssize(offsets) - 1, offsets.back(), {}, {}};
  std::memcpy(footer.key, key.data(), sizeof footer.key);
  std::memcpy(footer.magic, kMagic, sizeof footer.magic);
  out.write(&footer, sizeof footer);
  out.commit();
}

}  // namespace

std::string cache_key(std::span<const std::filesystem::path> files, std::string_view tokenizer) {
  const std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state(XXH3_createState(), XXH3_freeState);
  XXH3_128bits_reset(state.get());
  std::vector<char> block(kCacheBlock);
  for (const auto& file : files) {
    const auto source = ByteSource::open(file);
    int64_t bytes = 0;
    for (size_t got; (got = source->read(block.data(), block.size())) > 0; bytes += static_cast<int64_t>(got))
      XXH3_128bits_update(state.get(), block.data(), got);
    XXH3_128bits_update(state.get(), &bytes, sizeof bytes);  // so that a text cannot move from one file to the next
  }
  XXH3_128bits_update(state.get(), tokenizer.data(), tokenizer.size());
  const XXH128_hash_t hash = XXH3_128bits_digest(state.get());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

TokenCache TokenCache::open(const std::filesystem::path& folder, const std::string& key, const Fill& fill) {
  HEDDLE_CHECK(key.size() == sizeof Footer::key, "a cache's key has 32 digits, not {}", key.size());
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) fail_system("cannot make the folder {}: {}", folder.string(), error.message());
  const std::filesystem::path file = folder / (key + ".tokens");
  TokenCache cache;
  if (cache.map(file, key)) return cache;
  const FileLock lock(folder / (key + ".lock"));
  if (cache.map(file, key)) return cache;  // another run has built it while we waited
  build(file, key, fill);
  if (!cache.map(file, key)) fail_system("{} was written, but does not read back; is the disk full?", file.string());
  return cache;
}

bool TokenCache::map(const std::filesystem::path& file, const std::string& key) {
  std::error_code error;
  const auto size = static_cast<int64_t>(std::filesystem::file_size(file, error));
  if (error || size < static_cast<int64_t>(sizeof(Footer))) return false;
  auto mapped = std::make_unique<MappedFile>(file);
  const std::span<const std::byte> bytes = mapped->bytes();
  Footer footer;
  std::memcpy(&footer, bytes.data() + bytes.size() - sizeof footer, sizeof footer);
  const int64_t rest = std::ssize(bytes) - static_cast<int64_t>(sizeof footer);
  if (std::memcmp(footer.magic, kMagic, sizeof footer.magic) != 0 ||
      key.compare(0, key.size(), footer.key, sizeof footer.key) != 0)
    return false;
  if (footer.tokens < 0 || footer.sequences < 0 || footer.tokens > rest / 4 || footer.sequences > rest / 8 ||
      ids_bytes(footer.tokens) + 8 * (footer.sequences + 1) != rest)
    return false;
  ids_ = {reinterpret_cast<const int32_t*>(bytes.data()), static_cast<size_t>(footer.tokens)};
  offsets_ = {reinterpret_cast<const int64_t*>(bytes.data() + ids_bytes(footer.tokens)),
              static_cast<size_t>(footer.sequences + 1)};
  mapped_ = std::move(mapped);
  return offsets_.front() == 0 && offsets_.back() == footer.tokens && std::ranges::is_sorted(offsets_);
}

}  // namespace heddle::data
