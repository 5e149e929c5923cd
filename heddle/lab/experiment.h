#pragma once
// One row of the lab: a question, what is expected, and the function that measures it.
//
// Each experiment is one file, heddle/lab/qNNN_<subject>.cc, which defines one Experiment. Its claims and the rules
// that judge them stand in lab/claims/NNN.json.

#include <span>
#include <string>
#include <vector>

#include "heddle/lab/bilingual.h"

namespace heddle::lab {

class Trial;

// How large an experiment is: for the tests (a second or less in all), quick (at most 60 s), full (at most 4 minutes).
enum class Size : uint8_t { minimal, quick, full };

// A number that sets an experiment's size, which `--set name=value` changes.
struct Setting {
  std::string name;
  double minimal, quick, full;
  std::string doc;
};

// What others found, usually at a larger scale; shown as not ours.
struct Literature {
  std::string finding;
  std::string reference;
};

struct Experiment {
  int row = 0;
  int version = 1;  // rises when the meaning of a figure changes
  Bilingual question;
  Bilingual prediction;  // written before the first run
  Bilingual scope;       // models, data and steps that the figures speak of
  std::vector<Literature> literature;
  std::vector<Setting> settings;
  std::vector<std::string> data_files = {};  // what --data must hold, if the row can use real data; else empty
  int quick_seeds = 3, full_seeds = 5;
  double quick_seconds = 20, full_seconds = 120;  // expected, on 2 cores
  // One repetition: the trial says which seed and size, and takes the figures. Where trial.null() is set, the same
  // is measured on something broken (shuffled, untrained), which must not make a claim hold.
  void (*run)(Trial& trial) = nullptr;
  const char* file = "";  // __FILE__
};

// All rows, in rising order: those whose file qNNN_<subject>.cc lies here (cmake/embed_lab.cmake lists them).
std::span<const Experiment* const> all_experiments();
// InputError for a row that the lab does not have.
const Experiment& experiment(int row);

}  // namespace heddle::lab
