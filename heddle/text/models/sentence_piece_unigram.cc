#include "heddle/text/models/sentence_piece_unigram.h"

#include <algorithm>
#include <limits>

namespace heddle::text {
namespace {

constexpr float kUnknownPenalty = 10;

}  // namespace

SentencePieceUnigram::SentencePieceUnigram(std::vector<SentencePiece> list, bool byte_fallback)
    : SentencePieceModel(std::move(list), byte_fallback) {
  using Limits = std::numeric_limits<float>;
  float least = Limits::max();
  most_ = Limits::min();  // as SentencePiece has it: the least positive number, not the lowest
  for (size_t id = 0; id < pieces().size(); ++id) {
    const SentencePiece& piece = pieces()[id];
    if (piece.kind == SentencePiece::Kind::normal) {
      least = std::min(least, piece.score);
      most_ = std::max(most_, piece.score);
    }
    if (piece.is_text() && piece.kind != SentencePiece::Kind::unused) trie_.add(piece.text, static_cast<int32_t>(id));
  }
  unk_score_ = least - kUnknownPenalty;
}

void SentencePieceUnigram::segment(std::string_view text, std::vector<Symbol>& segments) const {
  // The best way to cut text[0, i): what it adds up to, and its last segment.
  struct Best {
    float score = 0;
    int32_t id = 0;
    uint32_t length = 0;  // 0: no way is known yet
  };
  thread_local std::vector<Best> best;
  best.assign(text.size() + 1, Best{});
  for (size_t at = 0; at < text.size();) {
    const auto character = static_cast<size_t>(decode(text.data() + at).length);
    const float so_far = best[at].score;
    // Sums are compared in 64 bits and kept in 32.
    const auto offer = [&](size_t length, double score, int32_t id) {
      Best& place = best[at + length];
      if (place.length == 0 || score > static_cast<double>(place.score))
        place = {static_cast<float>(score), id, static_cast<uint32_t>(length)};
    };
    bool has_single = false;
    trie_.each_prefix(text.substr(at), [&](size_t length, int32_t id) {
      const SentencePiece& piece = pieces()[static_cast<size_t>(id)];
      const double score = piece.kind == SentencePiece::Kind::user_defined
                               ? static_cast<double>(static_cast<float>(length) * most_) - 0.1
                               : static_cast<double>(piece.score);
      offer(length, score + static_cast<double>(so_far), id);
      has_single = has_single || length == character;
    });
    if (!has_single) offer(character, static_cast<double>(unk_score_ + so_far), unk_id());
    at += character;
  }
  const size_t first = segments.size();
  for (size_t end = text.size(); end > 0; end -= best[end].length) segments.push_back({best[end].id, best[end].length});
  std::reverse(segments.begin() + static_cast<std::ptrdiff_t>(first), segments.end());
}

}  // namespace heddle::text
