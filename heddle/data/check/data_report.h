#pragma once
// What is in a data set, and what is wrong with it, before it costs an hour of training.

#include <string>
#include <vector>

#include "heddle/data/check/column_profile.h"
#include "heddle/data/check/duplicates.h"
#include "heddle/data/readers/data_files.h"
#include "heddle/data/readers/record_reader.h"

namespace heddle::data {

enum class Severity : uint8_t {
  error,    // training on it would go wrong
  warning,  // results may not mean what they seem to
  note,     // worth knowing
};
std::string_view name_of(Severity severity);

struct Finding {
  Severity severity;
  std::string sentence;  // what, how often, where first (FILE:LINE), what to do
};

struct PartReport {
  Split split;
  std::vector<std::string> files = {};
  int64_t rows = 0, broken_lines = 0, first_broken_line = 0;
  std::vector<ColumnReport> columns = {};
};

struct SetReport {
  std::string name;
  std::vector<PartReport> parts = {};
  std::vector<std::string> compared = {};  // the columns that make two rows duplicates
  DuplicateReport duplicates = {};
  std::vector<std::string> example_places = {};  // "FILE:LINE = FILE:LINE", as many as duplicates.examples
  std::vector<Finding> findings = {};            // the worst first
};

struct CheckOptions {
  ReaderOptions reader = {};
  ProfileOptions profile = {};
};

// Reads every part twice: for its columns, then for duplicates, which are rows equal in all columns of text (in all
// columns where there is no text). A part that cannot be read becomes a finding of severity error; nothing is thrown
// for bad data.
SetReport check_data_set(const DataSet& set, const CheckOptions& options);

// The findings that follow from the figures of a report.
std::vector<Finding> find_problems(const SetReport& report, const ProfileOptions& options);

}  // namespace heddle::data
