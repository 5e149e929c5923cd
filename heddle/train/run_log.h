#pragma once
// What a run says about itself: metrics.jsonl, validation.jsonl and the chart loss.svg, in its --out folder.
//
// A full disk costs lines, not the run: the first failure is a warning.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "heddle/report/line_chart.h"
#include "heddle/train/objective.h"

namespace heddle::train {

// One line of metrics.jsonl.
struct MetricsLine {
  int64_t step = 0;
  double seconds = 0;                            // of training since the start, over all resumed parts
  double loss = 0;                               // nats per target token, mean since the line before
  int64_t source_tokens = 0, target_tokens = 0;  // since the start, no padding counted
  double tokens_per_second = 0;                  // target tokens, since the line before
  double learning_rate = 0, grad_norm = 0;
  // tr(Σ)/|G|² in target tokens (see GradientNoise); not written unless train.log_noise_scale, null until it is known.
  bool has_noise_scale = false;
  std::optional<double> noise_scale;
};

class RunLog {
 public:
  explicit RunLog(std::filesystem::path folder) : folder_(std::move(folder)) {}

  void add(const MetricsLine& line);
  void add(int64_t step, double seconds, const Validation& validation);
  // Drops the lines of later steps, which a resumed run will write again.
  void forget_after(int64_t step);
  // Writes loss.svg.
  void draw();

 private:
  void append(const char* name, const std::string& line);
  void warn_once(const std::string& why);

  std::filesystem::path folder_;
  bool warned_ = false;
};

// The loss of training and, where there are validations, of those, by step.
std::vector<report::Series> loss_curves(const std::filesystem::path& folder);

}  // namespace heddle::train
