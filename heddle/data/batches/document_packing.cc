#include "heddle/data/batches/document_packing.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "heddle/base/error.h"

namespace heddle::data {

std::vector<PackedRow> pack_documents(std::span<const int64_t> lengths, int64_t width) {
  if (width < 1) fail_input("rows of {} tokens are to be packed; expected 1 or more", width);
  std::vector<int64_t> order(lengths.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::ranges::greater(), [&](int64_t i) { return lengths[static_cast<size_t>(i)]; });
  std::vector<PackedRow> rows;
  std::multimap<int64_t, size_t> room;  // free places of a row → the row
  for (int64_t document : order) {
    const int64_t length = lengths[static_cast<size_t>(document)];
    if (length > width)
      fail_input("document {} has {} tokens, over the row's width of {}; cut long documents first", document, length,
                 width);
    const auto best = room.lower_bound(length);
    const size_t row = best == room.end() ? rows.size() : best->second;
    if (best == room.end()) rows.emplace_back();
    else room.erase(best);
    rows[row].documents.push_back(document);
    rows[row].tokens += length;
    room.emplace(width - rows[row].tokens, row);
  }
  return rows;
}

std::vector<DocumentPiece> cut_documents(std::span<const int64_t> lengths, int64_t width) {
  if (width < 1) fail_input("documents are to be cut into pieces of {} tokens; expected 1 or more", width);
  std::vector<DocumentPiece> pieces;
  for (size_t i = 0; i < lengths.size(); ++i)
    for (int64_t begin = 0; begin < lengths[i]; begin += width)
      pieces.push_back({static_cast<int64_t>(i), begin, std::min(begin + width, lengths[i])});
  return pieces;
}

Waste padding_waste(std::span<const std::vector<int64_t>> batches, std::span<const int64_t> lengths) {
  Waste waste;
  for (const auto& batch : batches) {
    int64_t longest = 0;
    for (int64_t example : batch) {
      const int64_t length = lengths[static_cast<size_t>(example)];
      longest = std::max(longest, length);
      waste.tokens += length;
    }
    waste.places += longest * std::ssize(batch);
  }
  return waste;
}

Waste packing_waste(std::span<const PackedRow> rows, int64_t width) {
  Waste waste = {0, width * std::ssize(rows)};
  for (const PackedRow& row : rows) waste.tokens += row.tokens;
  return waste;
}

}  // namespace heddle::data
