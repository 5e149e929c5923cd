#include "heddle/text/pieces.h"

#include "heddle/text/byte_level.h"

namespace heddle::text {

void Pieces::reset(AlignedText text) {
  text_ = std::move(text);
  as_bytes_ = false;
  borders_.clear();
  pieces_.clear();
  if (const size_t size = text_.text().size(); size > 0) pieces_.push_back({0, static_cast<uint32_t>(size)});
}

void Pieces::split_by(SplitFunction function) {
  write_byte_characters();
  write_pieces();
  const auto write_borders = [&](const Piece& piece) {
    borders_.clear();
    function(text(piece), piece.begin, borders_);
    borders_.push_back(piece.end);
  };
  if (pieces_.size() == 1 && pieces_[0].added == Piece::kNone) return write_borders(pieces_[0]);
  cut_.clear();
  for (const Piece& piece : pieces_) {
    if (piece.added != Piece::kNone) {
      cut_.push_back(piece);
      continue;
    }
    write_borders(piece);
    for (size_t i = 0; i + 1 < borders_.size(); ++i) cut_.push_back({borders_[i], borders_[i + 1]});
  }
  borders_.clear();
  pieces_.swap(cut_);
}

void Pieces::write_pieces() {
  if (borders_.empty()) return;
  pieces_.clear();
  for (size_t i = 0; i + 1 < borders_.size(); ++i) pieces_.push_back({borders_[i], borders_[i + 1]});
  borders_.clear();
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
