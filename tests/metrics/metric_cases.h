#pragma once
// The stored answers of sacreBLEU (fixtures/make_metrics.py).

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/places/places.h"

namespace heddle::metrics {

inline const nlohmann::json& metric_cases() {
  static const nlohmann::json cases = [] {
    std::ifstream file(source_path("tests/metrics/fixtures/metric_cases.json"));
    return nlohmann::json::parse(file);
  }();
  return cases;
}

// The name of a score, say "bleu 13a cased".
struct ScoreName {
  std::string metric, variant, letters;

  explicit ScoreName(const std::string& name) { std::istringstream(name) >> metric >> variant >> letters; }
  bool lowercase() const { return letters == "lower"; }
};

// Scores agree to two decimals.
inline constexpr double kScoreTolerance = 0.005;

using Lines = std::vector<std::string>;

// Calls check(group's name, hypotheses, references, name of the score, what is expected) for each
// score of `metric` in each group.
template <class Check>
void for_each_score(const std::string& metric, Check&& check) {
  for (const auto& group : metric_cases().at("groups"))
    for (const auto& [key, expected] : group.at("scores").items())
      if (const ScoreName name(key); name.metric == metric)
        check(group.at("name").get<std::string>() + ", " + key, group.at("hypotheses").get<Lines>(),
              group.at("references").get<std::vector<Lines>>(), name, expected);
}

}  // namespace heddle::metrics
