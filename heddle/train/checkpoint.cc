#include "heddle/train/checkpoint.h"

#include <fcntl.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "heddle/base/error.h"
#include "heddle/base/file.h"
#include "heddle/base/json_text.h"

namespace heddle::train {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr int64_t kLargestState = 16 << 20;
constexpr const char* kPrefix = "step-";

std::string hash_of(const fs::path& file) {
  const MappedFile mapped(file);
  const XXH128_hash_t hash = XXH3_128bits(mapped.bytes().data(), mapped.bytes().size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

Json to_json(const RunState& s) {
  return {{"step", s.step},
          {"epoch", s.position.epoch},
          {"batch", s.position.batch},
          {"seconds", s.seconds},
          {"cpu_seconds", s.cpu_seconds},
          {"source_tokens", s.source_tokens},
          {"target_tokens", s.target_tokens},
          {"score_name", s.score_name},
          {"lower_is_better", s.lower_is_better},
          {"best_score", s.best_score},
          {"best_step", s.best_step},
          {"validations_since_best", s.validations_since_best},
          {"finished", s.finished}};
}

RunState from_json(const Json& j) {
  RunState s;
  s.step = j.at("step");
  s.position = {j.at("epoch"), j.at("batch")};
  s.seconds = j.at("seconds");
  s.cpu_seconds = j.value("cpu_seconds", 0.0);  // older checkpoints have none
  s.source_tokens = j.at("source_tokens");
  s.target_tokens = j.at("target_tokens");
  s.score_name = j.at("score_name");
  s.lower_is_better = j.at("lower_is_better");
  s.best_score = j.at("best_score");
  s.best_step = j.at("best_step");
  s.validations_since_best = j.at("validations_since_best");
  s.finished = j.at("finished");
  return s;
}

void sync_file(const fs::path& file) {
  const int descriptor = open(file.c_str(), O_RDONLY);
  if (descriptor < 0) return;
  fsync(descriptor);
  close(descriptor);
}

void write_manifest(const fs::path& directory) {
  Json parts = Json::object();
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory))
    if (entry.is_regular_file()) files.push_back(entry.path());
    else sync_directory(entry.path());
  std::ranges::sort(files);
  for (const fs::path& file : files) {
    sync_file(file);
    parts[fs::relative(file, directory).string()] = {{"bytes", fs::file_size(file)}, {"xxh3_128", hash_of(file)}};
  }
  write_file_atomic(directory / "manifest.json", Json{{"format", 1}, {"parts", parts}}.dump(2) + "\n");
}

Json read_json(const fs::path& file) {
  const std::string text = read_file(file, kLargestState);
  if (const std::string problem = json_problem(text); !problem.empty())
    fail_input("{} {}", file.filename().string(), problem);
  return Json::parse(text);
}

// Why a checkpoint cannot be used; empty: it can.
std::string problem_with(const fs::path& directory) {
  try {
    const Json manifest = read_json(directory / "manifest.json");
    for (const auto& [name, part] : manifest.at("parts").items()) {
      const fs::path file = directory / name;
      if (!fs::exists(file)) return fmt::format("{} is missing", name);
      if (fs::file_size(file) != part.at("bytes").get<uint64_t>())
        return fmt::format("{} has another size than its manifest says", name);
      if (hash_of(file) != part.at("xxh3_128").get<std::string>())
        return fmt::format("{} has another hash than its manifest says", name);
    }
    from_json(read_json(directory / "state.json"));
    return {};
  } catch (const std::exception& error) {
    return error.what();
  }
}

}  // namespace

void CheckpointFolder::save(const RunState& state, const std::function<void(const fs::path&)>& write_parts,
                            int64_t keep_last) {
  std::string name = fmt::format("{}{:09}", kPrefix, state.step);
  while (fs::exists(folder_ / name)) name += "b";  // of the same step; removed below
  const fs::path place = folder_ / name;
  try {
    AtomicFolder folder(place);
    write_parts(folder.building());
    write_file_atomic(folder.building() / "state.json", to_json(state).dump(2) + "\n");
    write_manifest(folder.building());
    folder.commit();
    drop_old(state.step, place, keep_last);
  } catch (const fs::filesystem_error& error) {
    fail_system("cannot save the checkpoint {}: {}", place.string(), error.code().message());
  }
}

// What is removed is renamed first: a kill in between leaves no half of a checkpoint.
void CheckpointFolder::drop_old(int64_t step, const fs::path& newest, int64_t keep_last) const {
  std::vector<Entry> entries = all();
  const auto drop = [this](const Entry& entry) {
    const fs::path leftover = folder_ / (AtomicFolder::kUnfinished + entry.path.filename().string());
    fs::rename(entry.path, leftover);
    fs::remove_all(leftover);
  };
  std::erase_if(entries, [&](const Entry& entry) {
    const bool replaced = entry.step == step && entry.path != newest;
    if (replaced) drop(entry);
    return replaced;
  });
  for (int64_t i = 0; i < std::ssize(entries) - keep_last; ++i) drop(entries[static_cast<size_t>(i)]);
}

std::vector<CheckpointFolder::Entry> CheckpointFolder::all() const {
  std::vector<Entry> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kPrefix)) continue;
    int64_t step = 0;
    const char* digits = name.c_str() + std::string_view(kPrefix).size();
    if (std::from_chars(digits, name.c_str() + name.size(), step).ec == std::errc())
      found.push_back({entry.path(), step});
  }
  std::ranges::sort(found, {}, [](const Entry& e) { return std::pair(e.step, e.path.string()); });
  return found;
}

void CheckpointFolder::remove_leftovers() const {
  std::error_code error;
  std::vector<fs::path> leftovers;
  for (const auto& entry : fs::directory_iterator(folder_, error))
    if (entry.path().filename().string().starts_with(AtomicFolder::kUnfinished)) leftovers.push_back(entry.path());
  for (const fs::path& path : leftovers) fs::remove_all(path, error);
}

std::optional<CheckpointFolder::Found> CheckpointFolder::newest(
    const std::function<void(const std::string&)>& warn) const {
  const std::vector<Entry> candidates = all();
  for (auto entry = candidates.rbegin(); entry != candidates.rend(); ++entry) {
    const std::string problem = problem_with(entry->path);
    if (problem.empty()) return Found{entry->path, from_json(read_json(entry->path / "state.json"))};
    warn(fmt::format("the checkpoint {} is skipped: {}", entry->path.string(), problem));
  }
  return std::nullopt;
}

}  // namespace heddle::train
