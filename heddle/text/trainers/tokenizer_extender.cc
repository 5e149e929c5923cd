#include "heddle/text/trainers/tokenizer_extender.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "heddle/base/error.h"
#include "heddle/text/byte_level.h"
#include "heddle/text/models/bpe.h"
#include "heddle/text/models/unigram.h"
#include "heddle/text/models/word_level.h"
#include "heddle/text/models/word_piece.h"
#include "heddle/text/trainers/pair_learner.h"

namespace heddle::text {
namespace {

using OldPieces = std::vector<std::vector<int32_t>>;

// The texts of all tokens by id, those of added tokens too; free ids have none.
std::vector<std::optional<std::string>> texts_of(const Tokenizer& tokenizer) {
  std::vector<std::optional<std::string>> texts(static_cast<size_t>(tokenizer.vocab_size()));
  const Vocabulary& vocabulary = tokenizer.parts().model->vocabulary();
  for (int32_t id = 0; id < vocabulary.size(); ++id)
    if (vocabulary.has(id)) texts[static_cast<size_t>(id)] = vocabulary.token(id);
  for (const AddedToken& token : tokenizer.parts().added_tokens) texts[static_cast<size_t>(token.id)] = token.content;
  return texts;
}

// What stands before a token that does not begin a piece, and behind one that ends it.
std::pair<std::string, std::string> decoration_of(const Model& model) {
  if (const auto* bpe = dynamic_cast<const Bpe*>(&model))
    return {bpe->options().continuing_subword_prefix, bpe->options().end_of_word_suffix};
  if (const auto* pieces = dynamic_cast<const WordPiece*>(&model))
    return {pieces->options().continuing_subword_prefix, ""};
  return {};
}

// The words as the model's tokens. One that does not show its text (unknown, a byte) ends a word.
PairLearner::Words words_as_tokens(const Model& model, bool as_bytes, std::span<const WordCount> words) {
  const auto [prefix, suffix] = decoration_of(model);
  const size_t decoration = prefix.size() + suffix.size();
  const auto shows_its_text = [&](const Token& token, std::string_view word) {
    const std::string_view covered = word.substr(token.begin, token.end - token.begin);
    const std::string_view shown = model.vocabulary().token(token.id);
    const std::string text = as_bytes ? bytes_to_characters(covered) : std::string(covered);
    return !token.surface && shown.size() <= text.size() + decoration && shown.find(text) != std::string_view::npos;
  };
  PairLearner::Words symbols;
  std::vector<Token> tokens;
  for (const auto& [word, count] : words) {
    tokens.clear();
    model.tokenize(word, as_bytes, tokens);
    uint32_t end = 0;
    bool inside = false;
    for (const Token& token : tokens) {
      const bool goes_on = inside && token.begin == end;
      end = token.end;
      inside = shows_its_text(token, word);
      if (inside && !goes_on) symbols.begin_word(count);
      if (inside) symbols.symbols.push_back(token.id);
    }
  }
  return symbols;
}

struct Learned {
  std::vector<std::string> tokens;
  std::vector<SymbolPair> merges;
  OldPieces old_pieces;
  std::vector<double> log_probabilities;  // of the tokens in the text as it is cut with them
};

Learned learn_joins(const Tokenizer& tokenizer, bool as_bytes, std::span<const WordCount> words, int64_t more,
                    int64_t min_frequency) {
  const Model& model = *tokenizer.parts().model;
  std::vector<std::string> texts;
  for (std::optional<std::string>& text : texts_of(tokenizer)) texts.push_back(std::move(text).value_or(""));
  const auto old_size = std::ssize(texts);
  PairLearner learner(words_as_tokens(model, as_bytes, words), std::move(texts), decoration_of(model).first,
                      PairScore::frequency);
  learner.learn(old_size + more, min_frequency);
  Learned learned;
  learned.merges = learner.merges();
  learned.tokens.assign(learner.tokens().begin() + old_size, learner.tokens().end());
  double all = 0;
  for (const int64_t count : learner.symbol_counts()) all += static_cast<double>(count);
  for (size_t i = 0; i < learned.tokens.size(); ++i) {
    const int64_t count = learner.symbol_counts()[static_cast<size_t>(old_size) + i];
    learned.log_probabilities.push_back(std::log(static_cast<double>(std::max<int64_t>(1, count)) / all));
  }
  // A token is new in the first of the merges that give it.
  const auto pieces_of = [&](int32_t id) {
    return id < old_size ? std::vector<int32_t>{id} : learned.old_pieces[static_cast<size_t>(id - old_size)];
  };
  for (const auto& [left, right] : learned.merges) {
    const size_t next = learned.old_pieces.size();
    std::string_view rest = learner.tokens()[static_cast<size_t>(right)];
    const std::string prefix = decoration_of(model).first;
    if (rest.starts_with(prefix)) rest.remove_prefix(prefix.size());
    if (next == learned.tokens.size() ||
        learner.tokens()[static_cast<size_t>(left)] + std::string(rest) != learned.tokens[next])
      continue;
    std::vector<int32_t> pieces = pieces_of(left);
    std::ranges::copy(pieces_of(right), std::back_inserter(pieces));
    learned.old_pieces.push_back(std::move(pieces));
  }
  return learned;
}

// The most frequent words that are unknown; each was that one token.
Learned learn_words(const Tokenizer& tokenizer, std::vector<WordCount> words, int64_t more, int64_t min_frequency) {
  const auto& model = dynamic_cast<const WordLevel&>(*tokenizer.parts().model);
  std::erase_if(words, [&](const WordCount& entry) {
    return entry.count < min_frequency || model.vocabulary().find(entry.word) != Vocabulary::kNone ||
           tokenizer.id_of(entry.word);
  });
  std::ranges::stable_sort(words, std::greater<>(), &WordCount::count);
  Learned learned;
  for (const WordCount& entry : words) {
    if (std::ssize(learned.tokens) == more) break;
    learned.tokens.push_back(entry.word);
    learned.old_pieces.push_back({model.vocabulary().find(model.unk_token())});
  }
  return learned;
}

ModelPtr grown_unigram(const Unigram& model, const std::vector<std::optional<std::string>>& texts,
                       const Learned& learned) {
  std::vector<std::pair<std::string, double>> tokens;
  double least = 0;
  for (int32_t id = 0; id < model.vocabulary().size(); ++id) least = std::min(least, model.score(id));
  for (size_t id = 0; id < texts.size(); ++id) {
    const bool in_model = std::cmp_less(id, model.vocabulary().size());
    tokens.emplace_back(texts[id].value_or(""), in_model ? model.score(static_cast<int32_t>(id)) : least);
  }
  // At least a little better than what it was cut into before.
  constexpr double kBetter = 1e-3;
  for (size_t i = 0; i < learned.tokens.size(); ++i) {
    double parts = 0;
    for (const int32_t id : learned.old_pieces[i]) parts += model.score(id);
    tokens.emplace_back(learned.tokens[i], std::max(learned.log_probabilities[i], parts + kBetter));
  }
  return std::make_shared<Unigram>(std::move(tokens), model.unk_id(), model.byte_fallback());
}

ModelPtr grown_model(const Tokenizer& tokenizer, const Learned& learned) {
  std::vector<std::optional<std::string>> texts = texts_of(tokenizer);
  const Model* model = tokenizer.parts().model.get();
  if (const auto* unigram = dynamic_cast<const Unigram*>(model)) return grown_unigram(*unigram, texts, learned);
  texts.insert(texts.end(), learned.tokens.begin(), learned.tokens.end());
  Vocabulary vocabulary(texts);
  if (const auto* bpe = dynamic_cast<const Bpe*>(model)) {
    std::vector<SymbolPair> merges = bpe->merges();
    std::ranges::copy(learned.merges, std::back_inserter(merges));
    return std::make_shared<Bpe>(std::move(vocabulary), std::move(merges), bpe->options());
  }
  if (const auto* pieces = dynamic_cast<const WordPiece*>(model))
    return std::make_shared<WordPiece>(std::move(vocabulary), pieces->options());
  return std::make_shared<WordLevel>(std::move(vocabulary), dynamic_cast<const WordLevel&>(*model).unk_token());
}

bool gives_bytes(const Tokenizer& tokenizer) {
  bool bytes = false;
  tokenizer.each_piece("a", [&](std::string_view, bool as_bytes) { bytes = as_bytes; });
  return bytes;
}

}  // namespace

Extension extend_by_words(const Tokenizer& tokenizer, std::span<const std::string> words) {
  TokenizerParts parts = tokenizer.parts();
  const Vocabulary& vocabulary = parts.model->vocabulary();
  int32_t next = vocabulary.count();  // where a loader puts the next added token that the model lacks
  for (const AddedToken& token : parts.added_tokens) next += vocabulary.find(token.content) == Vocabulary::kNone;
  std::set<std::string> seen;
  OldPieces old_pieces;
  for (const std::string& word : words) {
    if (word.empty()) fail_input("a word to add is empty");
    if (word.size() > AddedTokens::kLongest)
      fail_input("the word \"{}…\" is longer than the {} bytes that a token may have", word.substr(0, 20),
                 AddedTokens::kLongest);
    const bool is_added = std::ranges::find(parts.added_tokens, word, &AddedToken::content) != parts.added_tokens.end();
    if (is_added || !seen.insert(word).second) continue;
    const int32_t known = vocabulary.find(word);
    std::vector<int32_t> pieces = tokenizer.encode(word, false);
    if (pieces.size() == 1 && pieces[0] == known) continue;
    if (known == Vocabulary::kNone && vocabulary.has(next))
      fail_input("the ids of this tokenizer have gaps, so that no id can be given to \"{}\"", word);
    parts.added_tokens.push_back({.content = word,
                                  .id = known != Vocabulary::kNone ? known : next++,
                                  .special = false,
                                  .normalized = true,
                                  .single_word = true});
    if (known == Vocabulary::kNone) old_pieces.push_back(std::move(pieces));
  }
  return {Tokenizer(std::move(parts)), std::move(old_pieces)};
}

TokenizerExtender::TokenizerExtender(const Tokenizer& tokenizer, int64_t memory_limit)
    : tokenizer_(tokenizer),
      as_bytes_(gives_bytes(tokenizer)),
      words_(
          [tokenizer](std::string_view text, const WordCounter::Take& take) {
  tokenizer.each_piece(text, [&take](std::string_view piece, bool) { take(piece); });
          },
          memory_limit * 3 / 10) {
  const Model* model = tokenizer.parts().model.get();
  if (!dynamic_cast<const Bpe*>(model) && !dynamic_cast<const WordPiece*>(model) &&
      !dynamic_cast<const Unigram*>(model) && !dynamic_cast<const WordLevel*>(model))
    fail_input("this kind of tokenizer cannot learn more from text; give it words, or convert one of another kind");
  if (!model->is_deterministic())
    fail_input("a tokenizer with a dropout of its own cannot be extended; set \"dropout\": null in its file");
}

Extension TokenizerExtender::extend(int64_t more, int64_t min_frequency) {
  std::vector<WordCount> words = words_.take();
  if (words.empty()) fail_input("the text to learn from is empty; give files with text");
  const bool whole = dynamic_cast<const WordLevel*>(tokenizer_.parts().model.get()) != nullptr;
  const Learned learned = whole ? learn_words(tokenizer_, std::move(words), more, min_frequency)
                                : learn_joins(tokenizer_, as_bytes_, words, more, min_frequency);
  TokenizerParts parts = tokenizer_.parts();
  parts.model = grown_model(tokenizer_, learned);
  return {Tokenizer(std::move(parts)), learned.old_pieces};
}

}  // namespace heddle::text
