#pragma once
// The ledger of claims: what the source document says about a row, restated in our own words, each claim with the
// rule that judges it or the reason why nothing can.
//
// lab/claims/NNN.json, compiled into the library. A rule stands there before the first full result of its row.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/lab/bilingual.h"
#include "heddle/lab/rule.h"

namespace heddle::lab {

struct Claim {
  std::string id;  // "52.1"
  int line = 0;    // of the source document
  Bilingual text;
  std::optional<Rule> rule;
  Bilingual not_testable;  // the reason, where there is no rule
};

struct Ledger {
  int row = 0;
  std::vector<Claim> claims;
};

// Throws InputError for what is not a ledger: unknown keys, a claim with neither rule nor reason, or with both.
Ledger parse_ledger(std::string_view json, std::string_view name);
// Of a row of the lab.
const Ledger& ledger_of(int row);

struct ClaimVerdict {
  const Claim* claim = nullptr;
  Judgement judgement;
};

// The row's verdict from those of its testable claims: all hold; none holds; undecided if one is; else it
// holds only for some, and the condition names which.
Judgement row_judgement(const std::vector<ClaimVerdict>& claims);

}  // namespace heddle::lab
