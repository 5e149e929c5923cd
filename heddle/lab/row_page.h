#pragma once
// The page of one row: what is claimed, what was measured, and what follows.

#include <optional>
#include <string>

#include "heddle/lab/row_result.h"

namespace heddle::lab {

// Without a result: what the row asks and claims, marked as not run.
std::string row_page(const Experiment& experiment, const std::optional<RowResult>& result, Language language);

}  // namespace heddle::lab
