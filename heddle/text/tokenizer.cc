#include "heddle/text/tokenizer.h"

#include <algorithm>
#include <set>

#include "heddle/base/error.h"
#include "heddle/base/thread_loop.h"
#include "heddle/text/models/cut_lattice.h"

namespace heddle::text {
namespace {

// What a text is read as: itself, or, where it is not UTF-8, repaired into `storage`.
std::string_view valid(std::string_view text, std::string& storage) {
  if (is_valid_utf8(text)) return text;
  return storage = repair_utf8(text);
}

// Byte offsets of a text as offsets of its code points.
class CharacterOffsets {
 public:
  explicit CharacterOffsets(std::string_view text) {
    int64_t count = -1;
    for (char c : text) index_.push_back(count += !is_continuation(c));
  }
  Offsets operator()(Offsets bytes) const {
    const auto size = std::ssize(index_);
    if (bytes.begin < 0 || bytes.begin >= size) return bytes;
    const int64_t begin = index_[static_cast<size_t>(bytes.begin)];
    if (bytes.end < size) return {begin, index_[static_cast<size_t>(bytes.end)]};
    return {begin, (bytes.end == size ? index_.back() : begin + 1) + 1};
  }

 private:
  std::vector<int64_t> index_;  // by byte
};

// Where a token of a piece came from, in bytes of the original.
Offsets origin_of(const AlignedText& text, const Piece& piece, const Token& token) {
  const uint32_t length = piece.end - piece.begin;
  if (token.end > length || token.begin >= token.end)
    return {token.begin, token.end};  // as the tokenizers library says
  return {text.origin(piece.begin + token.begin).begin, text.origin(piece.begin + token.end - 1).end};
}

}  // namespace

Tokenizer::Tokenizer(TokenizerParts parts) : parts_(std::move(parts)) {
  HEDDLE_CHECK(parts_.model, "a tokenizer needs a model");
  added_ = AddedTokens(parts_.added_tokens, parts_.normalizer.get());
  const Vocabulary& vocabulary = parts_.model->vocabulary();
  vocab_size_ = vocabulary.size();
  std::set<std::string_view> contents;
  for (const AddedToken& token : added_.all()) {
    const int32_t known = vocabulary.find(token.content);
    if (vocabulary.has(token.id) ? vocabulary.token(token.id) != token.content : known != Vocabulary::kNone)
      fail_input("the added token \"{}\" has the id {}, which the vocabulary gives otherwise", token.content, token.id);
    if (!contents.insert(token.content).second) fail_input("the token \"{}\" is added twice", token.content);
    if (token.id < 0 || token.id > vocabulary.size() + std::ssize(added_.all()))
      fail_input("the added token \"{}\" has the id {}; ids have no holes", token.content, token.id);
    vocab_size_ = std::max(vocab_size_, token.id + 1);
  }
  if (parts_.truncation && parts_.post_processor && parts_.truncation->max_length > 0 &&
      parts_.truncation->max_length < parts_.post_processor->added_tokens(false) + parts_.truncation->stride)
    fail_input("truncation to {} tokens leaves no room for {} special tokens and a stride of {}",
               parts_.truncation->max_length, parts_.post_processor->added_tokens(false), parts_.truncation->stride);
  needs_origins_ = parts_.normalizer && parts_.pre_tokenizer && parts_.pre_tokenizer->needs_origins();
  find_surroundings();
}

// Sends a mark through the post-processor and looks what stands around it.
void Tokenizer::find_surroundings() {
  constexpr int32_t kMark = -1;
  if (!parts_.post_processor) {
    surroundings_.emplace();
    return;
  }
  Encoding mark, whole;
  mark.push(kMark, "", {}, 0);
  for (const Encoding& part : parts_.post_processor->process({mark}, true)) whole.append(part);
  for (int32_t id : whole.ids)
    if (id != kMark && !parts_.model->vocabulary().has(id) && !added_.find(id))
      fail_input("the post-processor puts the id {} into texts, for which there is no token", id);
  if (std::ranges::count(whole.ids, kMark) != 1) return;
  const auto at = std::ranges::find(whole.ids, kMark);
  surroundings_.emplace(std::vector(whole.ids.begin(), at), std::vector(at + 1, whole.ids.end()));
}

template <class Use, class UseAdded>
void Tokenizer::each_segment(std::string_view text, bool tracked, Use&& use, UseAdded&& use_added) const {
  thread_local Pieces pieces;
  added_.cut(text, false, [&](size_t begin, size_t end, int32_t added = Piece::kNone) {
    if (added != Piece::kNone) return use_added(added, begin, end);
    AlignedText segment(text.substr(begin, end - begin), tracked, begin);
    if (parts_.normalizer) parts_.normalizer->apply(segment);
    pieces.reset(std::move(segment));
    if (added_.has(true)) pieces.split([&](std::string_view piece, auto& emit) { added_.cut(piece, true, emit); });
    if (parts_.pre_tokenizer) parts_.pre_tokenizer->apply(pieces);
    if (!parts_.model->reads_bytes()) pieces.write_byte_characters();
    use(static_cast<const Pieces&>(pieces));
  });
}

// By add_ids(pieces, ids), where the post-processor is that simple.
template <class AddIds>
std::vector<int32_t> Tokenizer::ids_of(std::string_view text, bool add_special_tokens, AddIds&& add_ids) const {
  std::string storage;
  std::vector<int32_t> ids;
  const auto& [before, after] = *surroundings_;
  const bool is_cut = parts_.truncation.has_value();
  ids.reserve(text.size() / 3 + 8);  // a token of English has four to five bytes
  if (add_special_tokens && !is_cut) ids.assign(before.begin(), before.end());
  each_segment(
      valid(text, storage), needs_origins_, [&](const Pieces& pieces) { add_ids(pieces, ids); },
      [&](int32_t added, size_t, size_t) { ids.push_back(added); });
  if (is_cut) {
    parts_.truncation->apply(ids, room_for_text(add_special_tokens, false));
    if (add_special_tokens) ids.insert(ids.begin(), before.begin(), before.end());
  }
  if (add_special_tokens) ids.insert(ids.end(), after.begin(), after.end());
  if (parts_.padding) parts_.padding->apply(ids);
  return ids;
}

std::vector<int32_t> Tokenizer::encode(std::string_view text, bool add_special_tokens) const {
  if (!surroundings_) return encode_full(text, add_special_tokens).ids;
  return ids_of(text, add_special_tokens,
                [&](const Pieces& pieces, std::vector<int32_t>& ids) { parts_.model->encode(pieces, ids); });
}

template <class Tokenize>
std::vector<int32_t> Tokenizer::ids_by(std::string_view text, bool add_special_tokens, Tokenize&& tokenize) const {
  if (!surroundings_)
    return finish(encode_by(text, 0, OffsetUnit::bytes, tokenize), std::nullopt, add_special_tokens, true).ids;
  std::vector<Token> tokens;
  return ids_of(text, add_special_tokens, [&](const Pieces& pieces, std::vector<int32_t>& ids) {
    for (const Piece& piece : pieces) {
      if (piece.added != Piece::kNone) {
        ids.push_back(piece.added);
        continue;
      }
      tokens.clear();
      tokenize(pieces.text(piece), pieces.as_bytes(), tokens);
      for (const Token& token : tokens) ids.push_back(token.id);
    }
  });
}

BestCuts Tokenizer::best_cuts(std::string_view text, int64_t most) const {
  BestCuts cuts(*parts_.model, most);
  each_piece(text, [&](std::string_view piece, bool as_bytes) { cuts.add(piece, as_bytes); });
  return cuts;
}

std::vector<int32_t> Tokenizer::ids_of_way(std::string_view text, bool add_special_tokens, const BestCuts& cuts,
                                           int64_t way) const {
  const std::vector<std::vector<Token>> tokens_of = cuts.way(way);
  size_t next = 0;
  return ids_by(text, add_special_tokens, [&](std::string_view, bool, std::vector<Token>& tokens) {
    tokens.insert(tokens.end(), tokens_of[next].begin(), tokens_of[next].end());
    ++next;
  });
}

std::vector<int32_t> Tokenizer::sample(std::string_view text, const SubwordSampling& how, RandomStream& random,
                                       bool add_special_tokens) const {
  if (how.nbest == 0 || !parts_.model->scores_cuts())
    return ids_by(text, add_special_tokens, [&](std::string_view piece, bool as_bytes, std::vector<Token>& tokens) {
      parts_.model->sample(piece, as_bytes, how, random, tokens);
    });
  if (random.uniform() >= how.dropout) return encode(text, add_special_tokens);
  const BestCuts cuts = best_cuts(text, how.nbest);
  std::vector<double> weights;
  for (int64_t i = 0; i < cuts.size(); ++i) weights.push_back(how.alpha * cuts.score(i));
  return ids_of_way(text, add_special_tokens, cuts, static_cast<int64_t>(draw_by_log_weights(weights, random)));
}

std::vector<Tokenizer::ScoredIds> Tokenizer::nbest(std::string_view text, int64_t most, bool add_special_tokens) const {
  if (most < 1) fail_input("{} ways to cut a text were asked for; ask for at least one", most);
  const BestCuts cuts = best_cuts(text, most);
  std::vector<ScoredIds> found;
  for (int64_t i = 0; i < cuts.size(); ++i)
    found.push_back({ids_of_way(text, add_special_tokens, cuts, i), cuts.score(i)});
  return found;
}

void Tokenizer::each_piece(std::string_view text, const std::function<void(std::string_view, bool)>& use) const {
  std::string storage;
  each_segment(
      valid(text, storage), needs_origins_,
      [&](const Pieces& pieces) {
    for (const Piece& piece : pieces)
      if (piece.added == Piece::kNone) use(pieces.text(piece), pieces.as_bytes());
      },
      [](int32_t, size_t, size_t) {});
}

Encoding Tokenizer::encode_one(std::string_view text, int32_t type_id, OffsetUnit unit) const {
  return encode_by(text, type_id, unit, [&](std::string_view piece, bool as_bytes, std::vector<Token>& tokens) {
    parts_.model->tokenize(piece, as_bytes, tokens);
  });
}

template <class Tokenize>
Encoding Tokenizer::encode_by(std::string_view text, int32_t type_id, OffsetUnit unit, Tokenize&& tokenize) const {
  std::string storage;
  text = valid(text, storage);
  Encoding encoding;
  int32_t words = 0;
  const auto push_added = [&](int32_t id, std::string_view matched, Offsets where) {
    encoding.push(id, std::string(matched), where, words++);
  };
  std::vector<Token> tokens;
  each_segment(
      text, true,
      [&](const Pieces& pieces) {
    for (const Piece& piece : pieces) {
      const std::string_view piece_text = pieces.text(piece);
      const auto origin = [&](const Token& token) { return origin_of(pieces.aligned(), piece, token); };
      if (piece.added != Piece::kNone) {
        push_added(piece.added, piece_text, origin({piece.added, 0, piece.end - piece.begin}));
        continue;
      }
      tokens.clear();
      tokenize(piece_text, pieces.as_bytes(), tokens);
      for (const Token& token : tokens) {
        const std::string_view shown = token.surface ? piece_text.substr(token.begin, token.end - token.begin)
                                                     : parts_.model->vocabulary().token(token.id);
        encoding.push(token.id, std::string(shown), origin(token), words);
      }
      ++words;
    }
      },
      [&](int32_t added, size_t begin, size_t end) {
    push_added(added, text.substr(begin, end - begin), {static_cast<int64_t>(begin), static_cast<int64_t>(end)});
  });
  if (unit == OffsetUnit::characters)
    std::ranges::transform(encoding.offsets, encoding.offsets.begin(), CharacterOffsets(text));
  encoding.set_type(type_id);
  return encoding;
}

// How many tokens truncation leaves to a text, or to a pair.
size_t Tokenizer::room_for_text(bool add_special_tokens, bool pair) const {
  const size_t length = parts_.truncation->max_length;
  const size_t special = add_special_tokens && parts_.post_processor ? parts_.post_processor->added_tokens(pair) : 0;
  if (special > length) fail_input("truncation to {} tokens leaves no room for {} special tokens", length, special);
  return length - special;
}

Encoding Tokenizer::finish(Encoding first, std::optional<Encoding> second, bool add_special_tokens, bool pad) const {
  if (parts_.truncation)
    parts_.truncation->apply(first, second ? &*second : nullptr, room_for_text(add_special_tokens, second.has_value()));
  std::vector<Encoding> parts = {std::move(first)};
  if (second) parts.push_back(std::move(*second));
  for (size_t i = 0; i < parts.size(); ++i) {
    const auto mark = [&](Encoding& part) {
      part.set_sequence(static_cast<int32_t>(i));
      if (parts_.post_processor) part.set_type(static_cast<int32_t>(i));
    };
    mark(parts[i]);
    for (Encoding& overflow : parts[i].overflowing) mark(overflow);
  }
  if (parts_.post_processor) parts = parts_.post_processor->process(std::move(parts), add_special_tokens);
  Encoding whole;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i == 0) whole = std::move(parts[i]);
    else whole.append(parts[i]);
  }
  if (pad && parts_.padding) parts_.padding->apply(whole, whole.size());
  return whole;
}

Encoding Tokenizer::encode_full(std::string_view text, bool add_special_tokens, OffsetUnit unit) const {
  return finish(encode_one(text, 0, unit), std::nullopt, add_special_tokens, true);
}

Encoding Tokenizer::encode_pair(std::string_view first, std::string_view second, bool add_special_tokens,
                                OffsetUnit unit) const {
  return finish(encode_one(first, 0, unit), encode_one(second, 1, unit), add_special_tokens, true);
}

std::vector<Encoding> Tokenizer::encode_batch(std::span<const std::string> texts, bool add_special_tokens,
                                              OffsetUnit unit) const {
  std::vector<Encoding> encodings(texts.size());
  parallel_for(std::ssize(texts), 1, [&](int64_t begin, int64_t end, int) {
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i)
      encodings[i] = finish(encode_one(texts[i], 0, unit), std::nullopt, add_special_tokens, false);
  });
  if (!parts_.padding || texts.empty()) return encodings;
  const size_t longest = std::ranges::max_element(encodings, {}, &Encoding::size)->size();
  for (Encoding& encoding : encodings) parts_.padding->apply(encoding, longest);
  return encodings;
}

std::string Tokenizer::decode(std::span<const int32_t> ids, bool skip_special_tokens) const {
  std::vector<std::string> tokens;
  for (int32_t id : ids) {
    const AddedToken* added = added_.find(id);
    std::string token = added ? added_.shown(*added) : token_of(id);
    if (!skip_special_tokens || !added_.is_special(token)) tokens.push_back(std::move(token));
  }
  if (parts_.decoder) tokens = parts_.decoder->decode(std::move(tokens));
  std::string text;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (i > 0 && !parts_.decoder) text += ' ';
    text += tokens[i];
  }
  return text;
}

std::optional<int32_t> Tokenizer::id_of(std::string_view token) const {
  if (const AddedToken* added = added_.find(token)) return added->id;
  const int32_t id = parts_.model->vocabulary().find(token);
  return id == Vocabulary::kNone ? std::nullopt : std::optional(id);
}

std::string Tokenizer::token_of(int32_t id) const {
  if (const AddedToken* added = added_.find(id)) return added->content;
  if (!parts_.model->vocabulary().has(id))
    fail_input("token id {} lies outside the vocabulary of {} tokens", id, vocab_size());
  return std::string(parts_.model->vocabulary().token(id));
}

namespace {

std::optional<int32_t> first_of(const Tokenizer& tokenizer, std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (const auto id = tokenizer.id_of(name)) return id;
  return std::nullopt;
}

}  // namespace

std::optional<int32_t> Tokenizer::pad_id() const { return first_of(*this, {"<pad>", "[PAD]"}); }
std::optional<int32_t> Tokenizer::begin_id() const {
  return first_of(*this, {"<s>", "<bos>", "[CLS]", "<|endoftext|>"});
}
std::optional<int32_t> Tokenizer::end_id() const {
  return first_of(*this, {"</s>", "<eos>", "[SEP]", "<|endoftext|>"});
}

}  // namespace heddle::text
