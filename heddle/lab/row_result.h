#pragma once
// What a run of a row found, as it is stored and shown.

#include <string>
#include <string_view>
#include <vector>

#include "heddle/lab/experiment.h"
#include "heddle/lab/figure.h"
#include "heddle/lab/ledger.h"
#include "heddle/lab/picture.h"

namespace heddle::lab {

struct ClaimResult {
  std::string id;
  Bilingual text;
  Judgement judgement;
};

struct RowResult {
  int row = 0;
  Size size = Size::quick;
  bool changed = false;  // by --set or --null: never stored
  std::string key;       // result_key() of the run
  Judgement judgement;
  std::vector<ClaimResult> claims;
  std::vector<Figure> figures;
  Pictures pictures;
  std::vector<uint64_t> seeds;
  double seconds = 0;
};

std::string name_of(Size size);  // "quick"

// All of it, as JSON; reading gives the same again. InputError for what is not such a file.
std::string result_as_json(const RowResult& result);
RowResult read_result(std::string_view json, std::string_view name);

// The object that `heddle lab run --json` gives for several rows; texts in one language.
std::string results_summary(const std::vector<RowResult>& results, Language language);

}  // namespace heddle::lab
