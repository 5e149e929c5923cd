#include "heddle/base/nearest.h"

#include <algorithm>
#include <numeric>

namespace heddle {
namespace {

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string nearest_name(std::string_view wrong, const std::vector<std::string>& valid) {
  std::string best;
  // Two slips in a short name are usual; a name that shares no letter is another name.
  size_t least = std::min(std::max<size_t>(2, wrong.size() / 3) + 1, wrong.size());
  for (const std::string& name : valid) {
    if (std::max(name.size(), wrong.size()) - std::min(name.size(), wrong.size()) >= least) continue;
    if (const size_t distance = edit_distance(wrong, name); distance < least) {
      least = distance;
      best = name;
    }
  }
  return best;
}

}  // namespace heddle
