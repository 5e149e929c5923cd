#include "heddle/text/models/remembering_model.h"

#include <algorithm>

namespace heddle::text {

// While a piece is looked up, the memory where the one kAhead pieces later may be is already on its way.
void RememberingModel::encode(const Pieces& pieces, std::vector<int32_t>& ids) const {
  if (!is_deterministic()) return Model::encode(pieces, ids);
  constexpr size_t kAhead = 16, kBlock = 64;
  PieceCache& cache = PieceCache::of_thread(2 * owner_ + pieces.as_bytes());
  const std::string_view text = pieces.aligned().text();
  PieceCache::Key keys[kAhead];
  int32_t found[kBlock * PieceCache::kInlineIds];  // not yet in `ids`
  int32_t* end = found;
  const auto flush = [&] {
    ids.insert(ids.end(), found, end);
    end = found;
  };
  const auto prepare = [&](size_t i) {
    const Piece& piece = pieces[i];
    const size_t length = piece.end - piece.begin;
    if (length > PieceCache::kLongest) return;
    PieceCache::Key& key = keys[i % kAhead];
    key = PieceCache::key_of(text.data() + piece.begin, length, text.size() - piece.begin);
    cache.prefetch(cache.place(key, length));
  };
  for (size_t i = 0; i < std::min(kAhead, pieces.size()); ++i) prepare(i);
  for (size_t i = 0; i < pieces.size(); ++i) {
    const Piece& piece = pieces[i];
    const PieceCache::Key key = keys[i % kAhead];
    if (i + kAhead < pieces.size()) prepare(i + kAhead);
    if (end > found + (kBlock - 1) * PieceCache::kInlineIds) flush();
    if (piece.added != Piece::kNone) {
      *end++ = piece.added;
      continue;
    }
    const std::string_view piece_text = text.substr(piece.begin, piece.end - piece.begin);
    const bool fits = piece_text.size() <= PieceCache::kLongest;
    const PieceCache::Slot* slot = fits ? cache.find(cache.place(key, piece_text.size()), key, piece_text) : nullptr;
    if (slot && cache.has_inline_ids(*slot)) [[likely]] {
      std::memcpy(end, slot->ids, sizeof(slot->ids));
      end += slot->count;
      continue;
    }
    flush();
    if (slot) {
      const auto more = cache.ids(*slot);
      ids.insert(ids.end(), more.begin(), more.end());
      continue;
    }
    const size_t before = ids.size();
    append_ids(piece_text, pieces.as_bytes(), ids);
    if (fits) cache.remember(key, piece_text, std::span(ids).subspan(before));
  }
  flush();
}

void RememberingModel::append_ids(std::string_view piece, bool as_bytes, std::vector<int32_t>& ids) const {
  thread_local std::vector<Token> tokens;
  tokens.clear();
  tokenize(piece, as_bytes, tokens);
  for (const Token& token : tokens) ids.push_back(token.id);
}

}  // namespace heddle::text
