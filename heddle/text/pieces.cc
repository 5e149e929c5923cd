#include "heddle/text/pieces.h"

#include "heddle/text/byte_level.h"

namespace heddle::text {

void Pieces::reset(AlignedText text) {
  text_ = std::move(text);
  as_bytes_ = false;
  pieces_.clear();
  if (const size_t size = text_.text().size(); size > 0) pieces_.push_back({0, static_cast<uint32_t>(size)});
}

void Pieces::split_by(void (*function)(std::string_view, uint32_t, std::vector<Piece>&)) {
  write_byte_characters();
  cut_.clear();
  for (const Piece& piece : pieces_) {
    if (piece.added != Piece::kNone) cut_.push_back(piece);
    else function(text(piece), piece.begin, cut_);
  }
  pieces_.swap(cut_);
}

void Pieces::write_byte_characters() {
  if (!as_bytes_) return;
  as_bytes_ = false;
  rewrite([](Rewrite& out, std::string_view piece) {
    for (const size_t end = out.at() + piece.size(); out.at() < end;) bytes_to_characters(out);
  });
}

void Pieces::drop_empty() {
  std::erase_if(pieces_, [](const Piece& piece) { return piece.begin == piece.end; });
}

}  // namespace heddle::text
