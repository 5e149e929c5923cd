#include "heddle/train/run_log.h"

#include <fstream>

#include <nlohmann/json.hpp>

#include "heddle/base/error.h"
#include "heddle/base/file.h"
#include "heddle/base/log.h"
#include "heddle/base/memory.h"

namespace heddle::train {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kMetrics = "metrics.jsonl";
constexpr const char* kValidation = "validation.jsonl";

// Calls visit(line, object) for every line that is a JSON object with a step.
template <class Visit>
void for_lines(const std::filesystem::path& file, Visit&& visit) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    const Json json = Json::parse(line, nullptr, false);
    if (json.is_object() && json.contains("step") && json["step"].is_number()) visit(line, json);
  }
}

report::Series curve(const std::filesystem::path& file, const std::string& name, const char* key) {
  report::Series series{name, {}, {}};
  for_lines(file, [&](const std::string&, const Json& json) {
    if (!json.contains(key) || !json[key].is_number()) return;
    series.x.push_back(json["step"]);
    series.y.push_back(json[key]);
  });
  return series;
}

}  // namespace

void RunLog::warn_once(const std::string& why) {
  if (!warned_) log_warning("{}; the run goes on without complete logs", why);
  warned_ = true;
}

void RunLog::append(const char* name, const std::string& line) {
  std::ofstream file(folder_ / name, std::ios::app);
  file << line << "\n" << std::flush;
  if (!file) warn_once("cannot write " + (folder_ / name).string());
}

void RunLog::add(const MetricsLine& line) {
  Json json = {{"step", line.step},
               {"seconds", line.seconds},
               {"loss", line.loss},
               {"source_tokens", line.source_tokens},
               {"target_tokens", line.target_tokens},
               {"tokens_per_second", line.tokens_per_second},
               {"learning_rate", line.learning_rate},
               {"grad_norm", line.grad_norm},
               {"peak_rss_bytes", peak_rss_bytes()}};
  if (line.has_noise_scale) json["noise_scale"] = line.noise_scale ? Json(*line.noise_scale) : Json();
  append(kMetrics, json.dump());
}

void RunLog::add(int64_t step, double seconds, const Validation& validation) {
  const Json json = {{"step", step},
                     {"seconds", seconds},
                     {"validation_loss", validation.loss},
                     {validation.score_name, validation.score}};
  append(kValidation, json.dump());
}

void RunLog::forget_after(int64_t step) {
  for (const char* name : {kMetrics, kValidation}) {
    const std::filesystem::path file = folder_ / name;
    if (!std::filesystem::exists(file)) continue;
    std::string kept;
    for_lines(file, [&](const std::string& line, const Json& json) {
      if (json["step"].get<int64_t>() <= step) kept += line + "\n";
    });
    write_file_atomic(file, kept);
  }
}

void RunLog::draw() {
  try {
    write_file_atomic(folder_ / "loss.svg", report::line_chart("Loss", "step", "nats a token", loss_curves(folder_)));
  } catch (const SystemError& error) {
    warn_once(error.what());
  }
}

std::vector<report::Series> loss_curves(const std::filesystem::path& folder) {
  std::vector<report::Series> curves = {curve(folder / kMetrics, "training", "loss")};
  report::Series validation = curve(folder / kValidation, "validation", "validation_loss");
  if (!validation.x.empty()) curves.push_back(std::move(validation));
  return curves;
}

}  // namespace heddle::train
