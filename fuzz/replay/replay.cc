// Fuzz targets without a fuzzer: replay TARGET FOLDER… runs every file of the folders through the target once.

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

// FUZZ_TARGETS: TARGET(name) for each fuzz/name.cc, whose entry the build calls replay_name.
#define TARGET(name) extern "C" int replay_##name(const uint8_t* data, size_t size);
FUZZ_TARGETS
#undef TARGET

namespace {

struct Target {
  std::string_view name;
  int (*run)(const uint8_t* data, size_t size);
};

#define TARGET(name) {#name, replay_##name},
constexpr Target kTargets[] = {FUZZ_TARGETS};
#undef TARGET

const Target* find(std::string_view name) {
  for (const Target& target : kTargets)
    if (target.name == name) return &target;
  return nullptr;
}

}  // namespace

int main(int count, char** arguments) {
  const Target* target = count > 1 ? find(arguments[1]) : nullptr;
  if (!target) {
    std::fprintf(stderr, "replay TARGET FOLDER...; targets:");
    for (const Target& known : kTargets) std::fprintf(stderr, " %s", known.name.data());
    std::fprintf(stderr, "\n");
    return 2;
  }
  int files = 0;
  for (int i = 2; i < count; ++i)
    for (const auto& entry : std::filesystem::directory_iterator(arguments[i])) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string bytes(std::istreambuf_iterator<char>(file), {});
      std::printf("%s\n", entry.path().c_str());
      std::fflush(stdout);  // the last name is the one that ends badly
      target->run(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
      ++files;
    }
  if (files == 0) std::printf("no files\n");
  return files > 0 ? 0 : 1;
}
