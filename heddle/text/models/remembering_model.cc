#include "heddle/text/models/remembering_model.h"

namespace heddle::text {

void RememberingModel::encode(const Pieces& pieces, std::vector<int32_t>& ids) const {
  if (!is_deterministic()) return Model::encode(pieces, ids);
  PieceCache& cache = PieceCache::of_thread(2 * owner_ + pieces.as_bytes());
  thread_local std::vector<Token> tokens;
  const std::string_view text = pieces.aligned().text();
  for (const Piece& piece : pieces) {
    if (piece.added != Piece::kNone) {
      ids.push_back(piece.added);
      continue;
    }
    const size_t length = piece.end - piece.begin;
    PieceCache::Key key;
    PieceCache::Slot* slot = nullptr;
    if (length <= PieceCache::kLongest) [[likely]] {
      key = PieceCache::key_of(text.data() + piece.begin, length, text.size() - piece.begin);
      slot = cache.find(key, length);
      if (slot && slot->length != 0) [[likely]] {
        if (slot->count == 1) [[likely]] {
          ids.push_back(slot->ids[0]);
        } else {
          const auto found = cache.ids(*slot);
          ids.insert(ids.end(), found.begin(), found.end());
        }
        continue;
      }
    }
    const size_t first = ids.size();
    tokens.clear();
    tokenize(pieces.text(piece), pieces.as_bytes(), tokens);
    for (const Token& token : tokens) ids.push_back(token.id);
    if (slot) cache.remember(slot, key, length, std::span(ids).subspan(first));
  }
}

}  // namespace heddle::text
