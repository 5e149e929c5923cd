#pragma once
// A report on data for a terminal, as JSON, and as one HTML page.

#include <span>
#include <string>

#include "heddle/data/check/data_report.h"

namespace heddle::data {

// With `figures_only`, what `heddle data stats` shows: no findings but errors.
std::string report_as_text(std::span<const SetReport> reports, bool figures_only = false);
std::string report_as_json(std::span<const SetReport> reports);
std::string report_as_html(std::span<const SetReport> reports);

}  // namespace heddle::data
