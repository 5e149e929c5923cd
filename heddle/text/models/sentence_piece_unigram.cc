#include "heddle/text/models/sentence_piece_unigram.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace heddle::text {
namespace {

constexpr float kSentencePiecePenalty = 10;
constexpr float kLargestSum = 100000;  // beyond it a new one begins

float score_of_user_defined(size_t length) { return static_cast<float>(0.1 * static_cast<double>(length - 1)); }

}  // namespace

SentencePieceUnigram::SentencePieceUnigram(std::vector<SentencePiece> list, bool byte_fallback)
    : SentencePieceModel(std::move(list), byte_fallback) {
  float least = std::numeric_limits<float>::max();
  std::vector<std::pair<std::string_view, int32_t>> strings;
  for (size_t id = 0; id < pieces().size(); ++id) {
    const SentencePiece& piece = pieces()[id];
    if (piece.kind == SentencePiece::Kind::normal) least = std::min(least, piece.score);
    if (piece.is_text() && piece.kind != SentencePiece::Kind::unused)
      strings.emplace_back(piece.text, static_cast<int32_t>(id));
  }
  trie_ = ByteTrie(std::move(strings));
  unk_score_ = least - kSentencePiecePenalty;
}

// Calls use(length, score, id) for each piece that the text begins with, and for its first character if none is that.
template <class Use>
void SentencePieceUnigram::each_piece(std::string_view text, Use&& use) const {
  const auto character = static_cast<size_t>(decode(text.data()).length);
  bool has_single = false;
  trie_.each_prefix(text, [&](size_t length, int32_t id) {
    const SentencePiece& piece = pieces()[static_cast<size_t>(id)];
    const bool user_defined = piece.kind == SentencePiece::Kind::user_defined;
    use(length, user_defined ? score_of_user_defined(length) : piece.score, id);
    has_single = has_single || length == character;
  });
  if (!has_single) use(character, unk_score_, unk_id());
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
  size_t furthest = 0;
  for (size_t at = 0; at < text.size();) {
    if (std::abs(best[at].score) > kLargestSum) {
      const float offset = best[at].score;
      for (size_t i = at; i <= furthest; ++i)
        if (i == at || best[i].length > 0) best[i].score -= offset;
    }
    const float so_far = best[at].score;
    const auto offer = [&](size_t length, float score, int32_t id) {
      Best& place = best[at + length];
      furthest = std::max(furthest, at + length);
      score += so_far;
      if (place.length == 0 || score > place.score) place = {score, id, static_cast<uint32_t>(length)};
    };
    each_piece(text.substr(at), offer);
    at += static_cast<size_t>(decode(text.data() + at).length);
  }
  const size_t first = segments.size();
  for (size_t end = text.size(); end > 0; end -= best[end].length) segments.push_back({best[end].id, best[end].length});
  std::reverse(segments.begin() + static_cast<std::ptrdiff_t>(first), segments.end());
}

void SentencePieceUnigram::build(std::string_view text, CutLattice& lattice) const {
  lattice.reset(static_cast<uint32_t>(text.size()));
  for (size_t at = 0; at < text.size(); at += static_cast<size_t>(decode(text.data() + at).length))
    each_piece(text.substr(at), [&](size_t length, float score, int32_t id) {
      lattice.add({static_cast<uint32_t>(at), static_cast<uint32_t>(at + length), id, static_cast<double>(score)});
    });
}

std::vector<ScoredCut> SentencePieceUnigram::best_cuts(std::string_view piece, bool, int64_t most) const {
  CutLattice lattice;
  build(piece, lattice);
  std::vector<ScoredCut> found;
  std::vector<Symbol> segments;
  for (const auto& [cut, score] : lattice.best(most)) {
    segments.clear();
    for (const CutLattice::Edge& edge : cut) segments.push_back({edge.id, edge.end - edge.begin});
    add(piece, segments, found.emplace_back(ScoredCut{{}, score}).tokens);
  }
  return found;
}

void SentencePieceUnigram::sample_segments(std::string_view text, const SubwordSampling& how, RandomStream& random,
                                           std::vector<Symbol>& segments) const {
  constexpr std::string_view kSpace = "\u2581";
  thread_local CutLattice lattice;
  size_t done = 0;
  for (size_t at = 0; at < text.size();) {
    size_t begin = at;
    while (text.substr(begin).starts_with(kSpace)) begin += kSpace.size();
    const size_t end = std::min(text.find(kSpace, begin), text.size());
    if (random.uniform() < how.dropout) {
      if (done < at) segment(text.substr(done, at - done), segments);
      build(text.substr(at, end - at), lattice);
      for (const CutLattice::Edge& edge : lattice.sample(how.alpha, random))
        segments.push_back({edge.id, edge.end - edge.begin});
      done = end;
    }
    at = end;
  }
  if (done < text.size()) segment(text.substr(done), segments);
}

}  // namespace heddle::text
