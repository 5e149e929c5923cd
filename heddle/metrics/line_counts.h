#pragma once
// Line k of the hypotheses answers line k of each reference.

#include <string>
#include <vector>

#include "heddle/base/error.h"

namespace heddle::metrics {

using Lines = std::vector<std::string>;

// Throws InputError when there is no reference or no line, or when the counts of lines differ.
inline void check_line_counts(const Lines& hypotheses, const std::vector<Lines>& references) {
  if (references.empty()) fail_input("there is no reference to compare the hypotheses with");
  for (const Lines& reference : references)
    if (reference.size() != hypotheses.size())
      fail_input(
          "there are {} hypotheses but {} reference lines; line k of one must answer line k of the "
          "other",
          hypotheses.size(), reference.size());
  if (hypotheses.empty()) fail_input("there is no line to score; give at least one hypothesis and its reference");
}

}  // namespace heddle::metrics
