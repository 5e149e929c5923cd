#pragma once
// Short documents put together into rows of a fixed width, so that little is padding: best-fit decreasing (Johnson
// 1973), as Ding et al. 2024 ("Fewer truncations improve language modeling") pack text. Documents in a row stay apart
// by their offsets, which is the document mask: attention works per sequence (heddle/tensor/rows.h), positions start
// anew.

#include <cstdint>
#include <span>
#include <vector>

namespace heddle::data {

struct PackedRow {
  std::vector<int64_t> documents;  // in order
  int64_t tokens = 0;
};

// Every document is in exactly one row, and no row is longer than `width`. Deterministic: of equal lengths, earlier
// documents come first. Throws InputError for a width below 1, and for a document that is longer (cut it first).
std::vector<PackedRow> pack_documents(std::span<const int64_t> lengths, int64_t width);

// Where long documents are cut: pieces of at most `width` tokens, as [begin, end) of each.
struct DocumentPiece {
  int64_t document, begin, end;
  bool operator==(const DocumentPiece&) const = default;
};
std::vector<DocumentPiece> cut_documents(std::span<const int64_t> lengths, int64_t width);

// How much of a rectangle of batches is padding.
struct Waste {
  int64_t tokens = 0, places = 0;  // real ones, and all of the rectangles
  double share() const { return places == 0 ? 0 : 1 - static_cast<double>(tokens) / static_cast<double>(places); }
};
// Batches are lists of examples; each is padded to its longest example.
Waste padding_waste(std::span<const std::vector<int64_t>> batches, std::span<const int64_t> lengths);
Waste packing_waste(std::span<const PackedRow> rows, int64_t width);

}  // namespace heddle::data
