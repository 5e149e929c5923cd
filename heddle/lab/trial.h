#pragma once
// One repetition of an experiment, with one seed: what it is to do, and where its results go.

#include <functional>
#include <map>
#include <stdexcept>
#include <string>

#include "heddle/base/random.h"
#include "heddle/lab/experiment.h"
#include "heddle/lab/figure.h"
#include "heddle/lab/picture.h"

namespace heddle::lab {

// Thrown out of a trial when the user asked to stop.
class Stopped : public std::runtime_error {
 public:
  Stopped() : std::runtime_error("stopped") {}
};

// What all trials of one run share.
struct Gathered {
  std::vector<Figure> figures;
  Pictures pictures;
};

struct TrialPlan {
  Size size = Size::quick;
  bool null = false;
  uint64_t seed = 1;
  std::map<std::string, double> changed;  // by --set
  std::string data;                       // a folder of real data, or empty
  std::function<void(double share)> progress;
};

class Trial {
 public:
  Trial(const Experiment& experiment, TrialPlan plan, Gathered& gathered);

  bool null() const { return plan_.null; }
  uint64_t seed() const { return plan_.seed; }
  // Random numbers of this seed for a purpose with a name.
  RandomStream random(std::string_view purpose) const { return RandomStream(RandomKey{plan_.seed}.at(purpose)); }
  double setting(const std::string& name) const;
  int64_t count(const std::string& name) const;  // rounded, at least 1
  const std::string& data() const { return plan_.data; }

  // A named number of this seed. Each name once per trial, the same names in every trial.
  void figure(const std::string& name, double value);
  // A cell of a table; the table is named by its English title.
  void cell(const Bilingual& table, const std::string& row, const std::string& column, double value);
  // The chart to add points to.
  struct Axes {
    std::string x, y;
    bool log_x = false, log_y = false;
  };
  void point(const Bilingual& chart, const Axes& axes, const std::string& series, double x, double y);
  // Kept from the first seed alone.
  void heatmap(Heatmap heatmap);
  void sample(const Bilingual& title, const std::string& text);

  // How much is done, in [0, 1]. Throws Stopped when the user asked to stop: call it often.
  void progress(double share) const;

 private:
  const Experiment& experiment_;
  TrialPlan plan_;
  Gathered& gathered_;
};

}  // namespace heddle::lab
