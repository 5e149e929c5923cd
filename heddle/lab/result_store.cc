#include "heddle/lab/result_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "heddle/base/error.h"
#include "heddle/base/file.h"
#include "heddle/lab/embedded.h"
#include "heddle/lab/run.h"

namespace heddle::lab {
namespace {

constexpr int64_t kMostBytes = int64_t{64} << 20;

// False for a result that was measured before the rules of today named their figures.
bool has_all_figures(const RowResult& result) {
  const auto given = [&](const Predicate& predicate) {
    return std::ranges::find(result.figures, predicate.figure, &Figure::name) != result.figures.end();
  };
  return std::ranges::all_of(ledger_of(result.row).claims, [&](const Claim& claim) {
    return !claim.rule ||
           (std::ranges::all_of(claim.rule->holds, given) && std::ranges::all_of(claim.rule->holds_only_if, given));
  });
}

}  // namespace

std::filesystem::path ResultStore::file_of(int row, Size size) const {
  return folder_ / fmt::format("{:03}.{}.json", row, name_of(size));
}

std::optional<RowResult> ResultStore::find(int row, Size size) const {
  const std::filesystem::path file = file_of(row, size);
  if (!std::filesystem::exists(file)) return std::nullopt;
  RowResult result = read_result(read_file(file, kMostBytes), file.string());
  if (result.row != row || result.size != size)
    fail_input("{} holds a {} result of row {}; run row {} again", file.string(), name_of(result.size), result.row,
               row);
  if (!has_all_figures(result)) return std::nullopt;
  judge_row(result);
  return result;
}

void ResultStore::save(const RowResult& result) const {
  HEDDLE_CHECK(!result.changed, "a result that was changed by --set or --null is never stored");
  prepare();
  write_file_atomic(file_of(result.row, result.size), result_as_json(result));
}

void ResultStore::prepare() const {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error)
    fail_system("cannot create the folder {}: {}; choose another with --out", folder_.string(), error.message());
  const AtomicFile attempt(folder_ / "attempt");  // removed again, since it is not committed
}

std::optional<RowResult> built_in_result(int row) {
  const std::string name = fmt::format("docs/results/lab/{:03}.json", row);
  const auto text = embedded_file(name);
  if (!text) return std::nullopt;
  RowResult result = read_result(*text, name);
  judge_row(result);
  return result;
}

}  // namespace heddle::lab
