#include "heddle/text/models/unigram.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include <fmt/format.h>

#include "heddle/base/error.h"

namespace heddle::text {
namespace {

constexpr double kUnknownPenalty = 10.0;  // of SentencePiece
constexpr double kClose = 1e-4;           // sums that differ by less may be the same but for rounding
constexpr size_t kLong = 96;              // bytes of a piece that is cut in parts

// The tokenizers library reads a number as its digits, as one whole number, times or divided by a power of ten, which
// may miss the nearest double by one bit. Where two ways to cut a piece are as good, that bit decides.
double as_the_library_reads(double number) {
  if (!std::isfinite(number)) return number;
  const std::string shortest = fmt::format("{}", number);
  uint64_t whole = 0;
  int exponent = 0;
  bool fraction = false;
  size_t at = shortest[0] == '-' ? 1 : 0;
  for (; at < shortest.size() && shortest[at] != 'e'; ++at) {
    if (shortest[at] == '.') {
      fraction = true;
      continue;
    }
    whole = whole * 10 + static_cast<uint64_t>(shortest[at] - '0');
    exponent -= fraction;
  }
  if (at < shortest.size()) exponent += std::atoi(shortest.c_str() + at + 1);
  auto digits = static_cast<double>(whole);
  for (; exponent < -308; exponent += 308) digits /= 1e308;
  const double power = std::stod(fmt::format("1e{}", std::abs(exponent)));
  const double result = exponent < 0 ? digits / power : digits * power;
  return number < 0 ? -result : result;
}

std::vector<std::string> texts_of(const std::vector<std::pair<std::string, double>>& tokens) {
  std::vector<std::string> texts;
  for (const auto& [text, score] : tokens) texts.push_back(text);
  return texts;
}

}  // namespace

Unigram::Unigram(std::vector<std::pair<std::string, double>> tokens, int32_t unk_id, bool byte_fallback)
    : RememberingModel(Vocabulary(texts_of(tokens))), unk_(unk_id), byte_fallback_(byte_fallback) {
  if (unk_ != Vocabulary::kNone && !vocabulary().has(unk_))
    fail_input("the unk_id of Unigram is {}, its vocabulary has {} tokens", unk_, tokens.size());
  double least = std::numeric_limits<double>::infinity();
  std::vector<std::pair<std::string_view, int32_t>> strings;
  for (size_t id = 0; id < tokens.size(); ++id) {
    scores_.push_back(tokens[id].second);
    read_scores_.push_back(as_the_library_reads(tokens[id].second));
    least = std::min(least, read_scores_.back());
    strings.emplace_back(tokens[id].first, static_cast<int32_t>(id));
  }
  unk_score_ = least - kUnknownPenalty;
  if (least <= 0 && !byte_fallback_) {
    borders_ = TokenBorders(strings);
    // Adding up the tokens of a part rounds as often as it has bytes, each time by at most half an ulp of a sum that is
    // no larger than all bytes of the piece times the largest score.
    double largest = std::abs(unk_score_);
    for (const double score : read_scores_) largest = std::max(largest, std::abs(score));
    constexpr double kRounding = std::numeric_limits<double>::epsilon() * PieceCache::kLongest;
    longest_in_parts_ = std::isfinite(largest) ? kClose / (2 * kRounding * largest) : 0;
  }
  trie_ = ByteTrie(std::move(strings));
  for (size_t byte = 0; byte < fallback_.size(); ++byte)
    fallback_[byte] = vocabulary().find(fmt::format("<0x{:02X}>", byte));
}

// The token piece[begin, end), or what stands for it when it is none.
void Unigram::add(std::string_view piece, uint32_t begin, uint32_t end, std::vector<Token>& tokens) const {
  const std::string_view text = piece.substr(begin, end - begin);
  if (const int32_t id = vocabulary().find(text); id != Vocabulary::kNone) {
    tokens.push_back({id, begin, end});
    return;
  }
  const auto fallback = [&](char c) { return fallback_[static_cast<unsigned char>(c)]; };
  if (byte_fallback_ && std::ranges::none_of(text, [&](char c) { return fallback(c) == Vocabulary::kNone; })) {
    for (char c : text) tokens.push_back({fallback(c), begin, end});
    return;
  }
  tokens.push_back({unk_, begin, end, true});
}

// Calls use(begin, end, score, id) for each token where it fits, and for each character that is none; by begin.
template <class Use>
void Unigram::each_edge(std::string_view piece, Use&& use) const {
  for (size_t at = 0; at < piece.size();) {
    const auto length = static_cast<size_t>(decode(piece.data() + at).length);
    bool has_single = false;
    trie_.each_prefix(piece.substr(at), [&](size_t token_length, int32_t id) {
      use(at, at + token_length, read_scores_[static_cast<size_t>(id)], id);
      has_single = has_single || token_length == length;
    });
    if (!has_single) {
      if (unk_ == Vocabulary::kNone)
        fail_input("the text holds \"{}\", which is no token, and there is no unk_id", piece.substr(at, length));
      use(at, at + length, unk_score_, unk_);
    }
    at += length;
  }
}

// The best ways to cut a text before which others add up to `score`. Whether two were so close anywhere that rounding
// may have decided.
bool Unigram::find_best(std::string_view text, double score, std::vector<Best>& best) const {
  best.assign(text.size() + 1, Best{});
  best[0].score = score;
  bool is_close = false;
  each_edge(text, [&](size_t begin, size_t end, double edge, int32_t id) {
    const double sum = edge + best[begin].score;
    Best& place = best[end];
    is_close = is_close || (place.begin >= 0 && std::abs(sum - place.score) < kClose);
    if (place.begin < 0 || sum > place.score) place = {sum, static_cast<int32_t>(begin), id};
  });
  return is_close;
}

// The tokens of the best way to cut the text from `from` on, which it cuts at, the last first; a run of unknown ones is
// one.
void Unigram::read_back(const std::vector<Best>& best, size_t from, std::vector<Cut>& cuts) const {
  cuts.clear();
  for (auto end = static_cast<uint32_t>(best.size() - 1); end > from;) {
    const auto begin = static_cast<uint32_t>(best[end].begin);
    const int32_t id = best[end].id;
    if (id == unk_ && !cuts.empty() && cuts.back().id == unk_) cuts.back().begin = begin;
    else cuts.push_back({begin, end, id});
    end = begin;
  }
}

void Unigram::tokenize(std::string_view piece, bool, std::vector<Token>& tokens) const {
  thread_local std::vector<Best> best;
  thread_local std::vector<Cut> cuts;
  find_best(piece, 0, best);
  read_back(best, 0, cuts);
  for (auto cut = cuts.rbegin(); cut != cuts.rend(); ++cut) {
    if (cut->id == unk_) add(piece, cut->begin, cut->end, tokens);
    else tokens.push_back({cut->id, cut->begin, cut->end});
  }
}

// A long piece on its way to its ids.
class Unigram::Parts {
 public:
  Parts(const Unigram& model, std::string_view piece, std::vector<int32_t>& ids)
      : model_(model), piece_(piece), ids_(ids), first_(ids.size()), cache_(model.cache_of_parts()) {}

  // The next part, piece[begin, end). Its ids are added a few parts later, when the memory where they may be is there.
  void push(size_t begin, size_t end) {
    Part& part = waiting_[pushed_ % kWaiting];
    part = {{}, static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
    if (end - begin <= PieceCache::kLongest) {
      part.query = cache_.query(piece_.substr(begin, end - begin));
      cache_.prefetch(part.query);
    }
    ++pushed_;
    if (pushed_ < kWaiting) return;
    const Part& next = waiting_[(pushed_ - kWaiting / 2) % kWaiting];
    cache_.prefetch_more(next.query);
    add(waiting_[added_++ % kWaiting]);
  }
  void finish() {
    while (added_ < pushed_) add(waiting_[added_++ % kWaiting]);
  }

 private:
  static constexpr int32_t kByRounding = -1;  // in place of ids: what comes before decides
  static constexpr size_t kWaiting = 16;

  struct Part {
    PieceCache::Query query;
    uint32_t begin, end;
  };

  void add(const Part& part) {
    const auto [query, begin, end] = part;
    if (end - begin > PieceCache::kLongest) return add_by_sums(begin, end);
    const std::string_view text = piece_.substr(begin, end - begin);
    found_.resize(PieceCache::kLongest);
    size_t count = cache_.near(query, found_.data());
    if (count == 0) count = cache_.find(query, text, found_.data());
    if (count > 0) return add_known({found_.data(), count}, begin, end);
    const bool is_close = model_.find_best(text, 0, best_);
    model_.read_back(best_, 0, cuts_);
    found_.clear();
    if (is_close) found_.push_back(kByRounding);
    else
      for (auto cut = cuts_.rbegin(); cut != cuts_.rend(); ++cut) found_.push_back(cut->id);
    const PieceCache::Learned learned = {query, text, found_};
    cache_.remember({&learned, 1});
    add_known(found_, begin, end);
  }
  void add_known(std::span<const int32_t> known, size_t begin, size_t end) {
    if (known[0] == kByRounding) return add_by_sums(begin, end);
    for (const int32_t id : known) add(id);
  }
  void add_by_sums(size_t begin, size_t end) {
    model_.find_best(piece_.substr(summed_, end - summed_), sum_, best_);
    model_.read_back(best_, begin - summed_, cuts_);
    for (auto cut = cuts_.rbegin(); cut != cuts_.rend(); ++cut) add(cut->id);
    summed_ = end;
    sum_ = best_.back().score;
  }
  void add(int32_t id) {
    const bool goes_on = id == model_.unk_ && ids_.size() > first_ && ids_.back() == id;
    if (!goes_on) ids_.push_back(id);
  }

  const Unigram& model_;
  std::string_view piece_;
  std::vector<int32_t>& ids_;
  size_t first_;
  PieceCache& cache_;
  size_t summed_ = 0;  // the tokens of piece[0, summed_) add up to sum_
  double sum_ = 0;
  std::array<Part, kWaiting> waiting_;
  size_t pushed_ = 0, added_ = 0;
  // Storage is kept from one piece to the next.
  inline static thread_local std::vector<Best> best_;
  inline static thread_local std::vector<Cut> cuts_;
  inline static thread_local std::vector<int32_t> found_;
};

void Unigram::append_ids(std::string_view piece, bool as_bytes, std::vector<int32_t>& ids) const {
  if (piece.size() < kLong || static_cast<double>(piece.size()) > longest_in_parts_)
    return RememberingModel::append_ids(piece, as_bytes, ids);
  Parts parts(*this, piece, ids);
  size_t begin = 0;
  CodePoint left = decode(piece.data());
  for (auto at = static_cast<size_t>(left.length); at < piece.size();) {
    const CodePoint right = decode(piece.data() + at);
    if (borders_.is_border(left.value, right.value)) {
      parts.push(begin, at);
      begin = at;
    }
    left = right;
    at += static_cast<size_t>(right.length);
  }
  parts.push(begin, piece.size());
  parts.finish();
}

void Unigram::build(std::string_view piece, CutLattice& lattice) const {
  lattice.reset(static_cast<uint32_t>(piece.size()));
  each_edge(piece, [&](size_t begin, size_t end, double score, int32_t id) {
    lattice.add({static_cast<uint32_t>(begin), static_cast<uint32_t>(end), id, score});
  });
}

// A run of unknown ones is one token.
void Unigram::add_cut(std::string_view piece, const CutLattice::Cut& cut, std::vector<Token>& tokens) const {
  for (size_t i = 0; i < cut.size(); ++i) {
    const uint32_t begin = cut[i].begin;
    while (cut[i].id == unk_ && i + 1 < cut.size() && cut[i + 1].id == unk_) ++i;
    add(piece, begin, cut[i].end, tokens);
  }
}

void Unigram::sample(std::string_view piece, bool as_bytes, const SubwordSampling& how, RandomStream& random,
                     std::vector<Token>& tokens) const {
  if (random.uniform() >= how.dropout) return tokenize(piece, as_bytes, tokens);
  thread_local CutLattice lattice;
  build(piece, lattice);
  add_cut(piece, lattice.sample(how.alpha, random), tokens);
}

std::vector<ScoredCut> Unigram::best_cuts(std::string_view piece, bool, int64_t most) const {
  CutLattice lattice;
  build(piece, lattice);
  std::vector<ScoredCut> found;
  for (const auto& [cut, score] : lattice.best(most))
    add_cut(piece, cut, found.emplace_back(ScoredCut{{}, score}).tokens);
  return found;
}

void Unigram::write(JsonWriter& json) const {
  json.member("type", "Unigram");
  json.key("unk_id");
  if (unk_ == Vocabulary::kNone) json.null();
  else json.value(unk_);
  json.key("vocab");
  json.begin_list();
  for (int32_t id = 0; id < vocabulary().size(); ++id) {
    json.begin_list(true);
    json.value(vocabulary().token(id));
    json.value(scores_[static_cast<size_t>(id)]);
    json.end_list();
  }
  json.end_list();
  json.member("byte_fallback", byte_fallback_);
}

ModelPtr read_unigram(const JsonView& json) {
  std::vector<std::pair<std::string, double>> tokens;
  const JsonView vocab = json.at("vocab");
  if (!vocab.is_list()) vocab.fail("the vocabulary of Unigram must be a list of tokens with their scores");
  for (size_t i = 0; i < vocab.size(); ++i) {
    const JsonView entry = vocab.item(i);
    tokens.emplace_back(entry.item(0).text(), entry.item(1).number());
  }
  const auto unk = json.find("unk_id");
  const auto unk_id =
      unk ? static_cast<int32_t>(unk->integer(0, static_cast<int64_t>(tokens.size()) - 1)) : Vocabulary::kNone;
  return std::make_shared<Unigram>(std::move(tokens), unk_id, json.flag_or("byte_fallback", false));
}

}  // namespace heddle::text
