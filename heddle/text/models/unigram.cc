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
  trie_ = ByteTrie(std::move(strings));
  unk_score_ = least - kUnknownPenalty;
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

void Unigram::tokenize(std::string_view piece, bool, std::vector<Token>& tokens) const {
  // The best way to cut piece[0, i): what it adds up to, and its last token.
  struct Best {
    double score = 0;
    int32_t begin = -1;
    int32_t id = 0;
  };
  thread_local std::vector<Best> best;
  best.assign(piece.size() + 1, Best{});
  each_edge(piece, [&](size_t begin, size_t end, double score, int32_t id) {
    const double sum = score + best[begin].score;
    Best& place = best[end];
    if (place.begin < 0 || sum > place.score) place = {sum, static_cast<int32_t>(begin), id};
  });
  // From the end back; a run of unknown ones is one token.
  struct Cut {
    uint32_t begin, end;
    int32_t id;
  };
  thread_local std::vector<Cut> cuts;
  cuts.clear();
  for (auto end = static_cast<uint32_t>(piece.size()); end > 0;) {
    const auto begin = static_cast<uint32_t>(best[end].begin);
    const int32_t id = best[end].id;
    if (id == unk_ && !cuts.empty() && cuts.back().id == unk_) cuts.back().begin = begin;
    else cuts.push_back({begin, end, id});
    end = begin;
  }
  for (auto cut = cuts.rbegin(); cut != cuts.rend(); ++cut) {
    if (cut->id == unk_) add(piece, cut->begin, cut->end, tokens);
    else tokens.push_back({cut->id, cut->begin, cut->end});
  }
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
  if (how.nbest == 0) return add_cut(piece, lattice.sample(how.alpha, random), tokens);
  const auto cuts = lattice.best(how.nbest);
  std::vector<double> weights;
  for (const auto& [cut, score] : cuts) weights.push_back(how.alpha * score);
  add_cut(piece, cuts[draw_by_log_weights(weights, random)].first, tokens);
}

std::vector<std::pair<std::vector<Token>, double>> Unigram::best_cuts(std::string_view piece, int64_t most) const {
  CutLattice lattice;
  build(piece, lattice);
  std::vector<std::pair<std::vector<Token>, double>> found;
  for (const auto& [cut, score] : lattice.best(most))
    add_cut(piece, cut, found.emplace_back(std::vector<Token>(), score).first);
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
