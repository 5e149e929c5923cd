#pragma once
// Where results of rows lie: a folder with one file for each row and mode, and the results that come with the program.

#include <filesystem>
#include <optional>

#include "heddle/lab/row_result.h"

namespace heddle::lab {

class ResultStore {
 public:
  // The folder is made at the first save.
  explicit ResultStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // The stored result of a row in this mode, judged by the rules of today; nothing if there is none, or one without the
  // figures that these rules name. Throws InputError for a damaged file.
  std::optional<RowResult> find(int row, Size size) const;
  // Written completely or not at all. A result that was changed by --set or --null is refused.
  void save(const RowResult& result) const;
  // Makes the folder and tries to write there, so that a long run does not fail at its end.
  void prepare() const;

 private:
  std::filesystem::path file_of(int row, Size size) const;
  std::filesystem::path folder_;
};

// The full result that was measured before and is compiled in (docs/results/lab/NNN.json); nothing if there is none.
std::optional<RowResult> built_in_result(int row);

}  // namespace heddle::lab
