#include "heddle/text/models/remembering_model.h"

#include <algorithm>
#include <array>

namespace heddle::text {
namespace {

constexpr size_t kBatch = 32;

// Some pieces of a text on their way to their ids.
struct Batch {
  PieceCache::Query queries[kBatch];              // of nothing for what is not looked for
  int32_t ids[kBatch * PieceCache::kFewIds + 3];  // of pieces found at once; three more may be read
  uint8_t missed[kBatch];                         // the others
  uint8_t before[kBatch];                         // how many of `ids` come before each of these
  size_t count, id_count, misses;
};

// Ids on their way to a vector, many at a time.
class IdBuffer {
 public:
  explicit IdBuffer(std::vector<int32_t>& ids) : ids_(ids) {}

  // Fewer than kSize; three more behind them may be read.
  void append_few(const int32_t* ids, size_t count) {
    if (end_ + count > kSize) [[unlikely]]
      flush();
    for (size_t i = 0; i < count; i += 4) std::memcpy(waiting_ + end_ + i, ids + i, 4 * sizeof(int32_t));
    end_ += count;
  }
  // Room for kLongest ids, of which append_to_room() then takes the first few.
  int32_t* room() {
    if (end_ + PieceCache::kLongest > kSize) flush();
    return waiting_ + end_;
  }
  void append_to_room(size_t count) { end_ += count; }
  std::vector<int32_t>& flush() {
    ids_.insert(ids_.end(), waiting_, waiting_ + end_);
    end_ = 0;
    return ids_;
  }

 private:
  static constexpr size_t kSize = 2 * PieceCache::kLongest;

  std::vector<int32_t>& ids_;
  int32_t waiting_[kSize + 3];
  size_t end_ = 0;
};

// Pieces on their way into what is remembered: some together, but not many, since what is met soon again is not known
// before.
class Lessons {
 public:
  // `ids` may grow but does not change.
  Lessons(PieceCache& cache, const std::vector<int32_t>& ids) : cache_(cache), ids_(ids) {}

  // The ids from `begin` on are those of a piece.
  void add(const PieceCache::Query& query, std::string_view piece, size_t begin) {
    if (count_ == kMost) count_ = 0;  // others were writing all the time: this thread does without
    lessons_[count_++] = {query, piece, begin, ids_.size() - begin};
    if (count_ >= kTogether) pass_on();
  }
  void pass_on() {
    if (count_ == 0) return;
    std::array<PieceCache::Learned, kMost> learned;
    for (size_t i = 0; i < count_; ++i) {
      const auto& [query, piece, begin, count] = lessons_[i];
      learned[i] = {query, piece, std::span(ids_).subspan(begin, count)};
    }
    if (cache_.remember(std::span(learned).first(count_))) count_ = 0;
  }

 private:
  static constexpr size_t kTogether = 8, kMost = 16;
  struct Lesson {
    PieceCache::Query query;
    std::string_view piece;
    size_t begin, count;  // of its ids
  };

  PieceCache& cache_;
  const std::vector<int32_t>& ids_;
  std::array<Lesson, kMost> lessons_;
  size_t count_ = 0;
};

}  // namespace

// What is remembered lies all over the memory. So pieces go through three stages by blocks, and what a stage reads is
// on its way since the one before, a block ago.
void RememberingModel::encode(const Pieces& pieces, std::vector<int32_t>& ids) const {
  if (!is_deterministic()) return Model::encode(pieces, ids);
  PieceCache& cache = (pieces.as_bytes() ? of_bytes_ : of_characters_).get();
  const std::string_view text = pieces.aligned().text();
  IdBuffer found(ids);
  Lessons lessons(cache, ids);

  const auto query_of = [&](const Piece& piece) {
    const bool is_asked = piece.added == Piece::kNone && piece.end - piece.begin <= PieceCache::kLongest;
    return is_asked ? cache.query(pieces.text(piece)) : PieceCache::Query();
  };
  // Short pieces are read in two words, unless those go beyond the text.
  const bool has_room = text.size() > PieceCache::kShort;
  const size_t last_in_words = has_room ? text.size() - PieceCache::kShort - 1 : 0;
  const auto ask_each = [&](Batch& block, size_t first, auto&& piece_at) {
    block.count = std::min(kBatch, pieces.size() - first);
    for (size_t i = 0; i < block.count; ++i) {
      const Piece piece = piece_at(first + i);
      const size_t length = piece.end - piece.begin;
      const bool is_plain = length <= PieceCache::kShort && piece.begin <= last_in_words && piece.added == Piece::kNone;
      block.queries[i] = is_plain && has_room ? cache.query_short(text.data() + piece.begin, length) : query_of(piece);
      cache.prefetch(block.queries[i]);
    }
  };
  const std::span<const uint32_t> borders = pieces.borders();
  const auto ask = [&](Batch& block, size_t first) {
    if (borders.empty()) ask_each(block, first, [&](size_t i) { return pieces[i]; });
    else ask_each(block, first, [&](size_t i) { return Piece{borders[i], borders[i + 1]}; });
  };
  const auto look = [&](Batch& block) {
    int32_t* end = block.ids;
    block.misses = 0;
    for (size_t i = 0; i < block.count; ++i) {
      const PieceCache::Query& query = block.queries[i];
      const size_t count = cache.near(query, end);
      end += count;
      if (count > 0) [[likely]]
        continue;
      block.missed[block.misses] = static_cast<uint8_t>(i);
      block.before[block.misses++] = static_cast<uint8_t>(end - block.ids);
      cache.prefetch_more(query);
    }
    block.id_count = static_cast<size_t>(end - block.ids);
  };
  const auto add_missed = [&](const PieceCache::Query& query, const Piece& piece) {
    const std::string_view piece_text = pieces.text(piece);
    if (piece.added != Piece::kNone) {
      found.flush().push_back(piece.added);
    } else if (piece_text.size() > PieceCache::kLongest) {
      append_ids(piece_text, pieces.as_bytes(), found.flush());
    } else if (const size_t known = cache.find(query, piece_text, found.room())) {
      found.append_to_room(known);
    } else {
      found.flush();
      const size_t before = ids.size();
      append_ids(piece_text, pieces.as_bytes(), ids);
      if (ids.size() > before) lessons.add(query, piece_text, before);
    }
  };
  const auto write = [&](const Batch& block, size_t first) {
    size_t written = 0;
    for (size_t i = 0; i < block.misses; ++i) {
      found.append_few(block.ids + written, block.before[i] - written);
      written = block.before[i];
      add_missed(block.queries[block.missed[i]], pieces[first + block.missed[i]]);
    }
    found.append_few(block.ids + written, block.id_count - written);
  };

  std::array<Batch, 3> blocks;
  const size_t end = pieces.size() + 2 * kBatch;  // the last goes through two more stages
  for (size_t at = 0, k = 0; at < end; at += kBatch, ++k) {
    if (at < pieces.size()) ask(blocks[k % 3], at);
    if (k >= 1 && at < pieces.size() + kBatch) look(blocks[(k - 1) % 3]);
    if (k >= 2) write(blocks[(k - 2) % 3], at - 2 * kBatch);
  }
  found.flush();
  lessons.pass_on();
}

void RememberingModel::append_ids(std::string_view piece, bool as_bytes, std::vector<int32_t>& ids) const {
  thread_local std::vector<Token> tokens;
  tokens.clear();
  tokenize(piece, as_bytes, tokens);
  for (const Token& token : tokens) ids.push_back(token.id);
}

}  // namespace heddle::text
