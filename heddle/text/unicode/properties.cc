#include "heddle/text/unicode/properties.h"

#include <algorithm>
#include <vector>

#include "heddle/text/unicode/tables.h"

namespace heddle::text {

PropertyTable::PropertyTable() : records_(tables::kRecords) {
  std::vector<uint16_t> all;
  all.reserve(0x110000);
  for (size_t i = 0; i < tables::kRunCount; ++i)
    all.insert(all.end(), tables::kRuns[i].length, tables::kRuns[i].record);
  std::vector<uint16_t> cells;
  for (size_t page = 0; page < std::size(pages_); ++page) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(page * 256), end = begin + 256;
    size_t same = 0;
    while (same * 256 < cells.size() &&
           !std::equal(begin, end, cells.begin() + static_cast<std::ptrdiff_t>(same * 256)))
      ++same;
    if (same * 256 == cells.size()) cells.insert(cells.end(), begin, end);
    pages_[page] = static_cast<uint16_t>(same);
  }
  cells_ = std::make_unique<uint16_t[]>(cells.size());
  std::ranges::copy(cells, cells_.get());
}

const PropertyTable& PropertyTable::instance() {
  static const PropertyTable table;
  return table;
}

}  // namespace heddle::text
