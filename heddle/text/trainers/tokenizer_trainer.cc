#include "heddle/text/trainers/tokenizer_trainer.h"

#include <algorithm>
#include <cmath>

#include "heddle/base/error.h"
#include "heddle/text/case_marks.h"
#include "heddle/text/models/bpe.h"
#include "heddle/text/models/unigram.h"
#include "heddle/text/models/word_level.h"
#include "heddle/text/models/word_piece.h"
#include "heddle/text/trainers/bpe_trainer.h"
#include "heddle/text/trainers/unigram_trainer.h"
#include "heddle/text/trainers/whole_words.h"
#include "heddle/text/trainers/wordpiece_trainer.h"

namespace heddle::text {
namespace {

constexpr double kUsualCoverage = 0.9995;  // of SentencePiece
// What counting may take of all memory; the rest is for what learning makes of the counts.
constexpr double kCountingShare = 0.3;

// Stands in the pipeline while words are counted: pieces come as they would come to the model.
class NoModel : public Model {
 public:
  explicit NoModel(const std::vector<std::string>& tokens) : Model(Vocabulary(tokens)) {}
  bool reads_bytes() const override { return true; }
  void tokenize(std::string_view, bool, std::vector<Token>&) const override {}
  void write(JsonWriter&) const override {}
};

AlphabetOptions alphabet_of(const TokenizerRecipe& recipe) {
  const bool as_sentencepiece = recipe.type == "char-bpe" || recipe.type == "unigram";
  AlphabetOptions options = {.coverage = recipe.coverage.value_or(as_sentencepiece ? kUsualCoverage : 1.0),
                             .limit = recipe.alphabet_limit,
                             .always = {}};
  std::string alphabet = repair_utf8(recipe.alphabet);
  if (recipe.case_marks)  // however rare: without them case is lost
    for (const std::string_view mark : kCaseMarks) alphabet += mark;
  for (size_t at = 0; at < alphabet.size();) {
    const CodePoint point = decode(alphabet.data() + at);
    options.always.push_back(point.value);
    at += static_cast<size_t>(point.length);
  }
  return options;
}

ModelPtr bpe_model(std::vector<WordCount> words, const TokenizerRecipe& recipe) {
  std::vector<std::string> first = first_tokens_of(recipe);
  if (recipe.byte_fallback) std::ranges::copy(byte_tokens(), std::back_inserter(first));
  BpeVocabulary learned = train_bpe(std::move(words), {.vocab_size = recipe.vocab_size,
                                                       .min_frequency = recipe.min_frequency,
                                                       .first_tokens = std::move(first),
                                                       .bytes = recipe.type == "bpe",
                                                       .alphabet = alphabet_of(recipe)});
  BpeOptions options;
  options.unk_token = unknown_token_of(recipe);
  options.byte_fallback = recipe.byte_fallback;
  return std::make_shared<Bpe>(Vocabulary(learned.tokens), std::move(learned.merges), std::move(options));
}

ModelPtr unigram_model(std::vector<WordCount> words, const TokenizerRecipe& recipe) {
  std::vector<std::string> first = first_tokens_of(recipe);
  if (recipe.byte_fallback) std::ranges::copy(byte_tokens(), std::back_inserter(first));
  const auto pieces = train_unigram(
      std::move(words),
      {.vocab_size = recipe.vocab_size, .special_tokens = std::move(first), .alphabet = alphabet_of(recipe)});
  // Where they stand in words, protected ones and bytes are no better than the rarest piece; SentencePiece gives
  // special tokens 0.
  double least = 0;
  for (const UnigramPiece& piece : pieces) least = std::min(least, piece.score);
  const size_t special = special_tokens_of(recipe).size();
  const size_t forced = special + recipe.protected_words.size() + (recipe.byte_fallback ? 256 : 0);
  const std::string unknown = unknown_token_of(recipe);
  std::vector<std::pair<std::string, double>> tokens;
  int32_t unknown_id = Vocabulary::kNone;
  for (size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i].text == unknown) unknown_id = static_cast<int32_t>(i);
    tokens.emplace_back(pieces[i].text, i >= special && i < forced ? least : pieces[i].score);
  }
  return std::make_shared<Unigram>(std::move(tokens), unknown_id, recipe.byte_fallback);
}

ModelPtr word_piece_model(std::vector<WordCount> words, const TokenizerRecipe& recipe) {
  WordPieceTrainerOptions options;
  options.vocab_size = recipe.vocab_size;
  options.min_frequency = recipe.min_frequency;
  options.special_tokens = first_tokens_of(recipe);
  options.score = recipe.score;
  options.alphabet = alphabet_of(recipe);
  return std::make_shared<WordPiece>(Vocabulary(train_wordpiece(words, options)),
                                     WordPieceOptions{.unk_token = unknown_token_of(recipe)});
}

ModelPtr whole_word_model(std::vector<WordCount> words, const TokenizerRecipe& recipe) {
  std::vector<std::string> first = first_tokens_of(recipe), tokens;
  if (recipe.type == "word") {
    if (recipe.case_marks) first.insert(first.end(), std::begin(kCaseMarks), std::end(kCaseMarks));
    tokens = word_level_vocabulary(
        words, {.vocab_size = recipe.vocab_size, .min_frequency = recipe.min_frequency, .special_tokens = first});
  } else {
    tokens = character_vocabulary(words, first, alphabet_of(recipe));
    if (std::ssize(tokens) > recipe.vocab_size)
      fail_input(
          "vocab_size = {} is smaller than the {} characters and special tokens; ask for more, limit the alphabet, "
          "or lower the character coverage",
          recipe.vocab_size, tokens.size());
  }
  return std::make_shared<WordLevel>(Vocabulary(tokens), unknown_token_of(recipe));
}

ModelPtr model_of(std::vector<WordCount> words, const TokenizerRecipe& recipe) {
  if (recipe.type == "bpe" || recipe.type == "char-bpe") return bpe_model(std::move(words), recipe);
  if (recipe.type == "unigram") return unigram_model(std::move(words), recipe);
  if (recipe.type == "wordpiece") return word_piece_model(std::move(words), recipe);
  return whole_word_model(std::move(words), recipe);
}

}  // namespace

TokenizerTrainer::TokenizerTrainer(TokenizerRecipe recipe, size_t languages) : recipe_(std::move(recipe)) {
  check(recipe_);
  pipeline_ = std::make_shared<Tokenizer>(parts_around(std::make_shared<NoModel>(first_tokens_of(recipe_)), recipe_));
  const auto split = [pipeline = pipeline_](std::string_view text, const WordCounter::Take& take) {
    pipeline->each_piece(text, [&take](std::string_view piece, bool) { take(piece); });
  };
  const auto limit = static_cast<int64_t>(kCountingShare * static_cast<double>(recipe_.memory_limit)) /
                     static_cast<int64_t>(std::max<size_t>(1, languages));
  for (size_t i = 0; i < std::max<size_t>(1, languages); ++i) counters_.emplace_back(split, limit);
}

void TokenizerTrainer::add(std::string_view text, size_t language) { counters_.at(language).add(text); }

int64_t TokenizerTrainer::dropped() const {
  int64_t dropped = 0;
  for (const WordCounter& counter : counters_) dropped += counter.dropped();
  return dropped;
}

Tokenizer TokenizerTrainer::train() {
  std::vector<std::vector<WordCount>> languages;
  for (WordCounter& counter : counters_) languages.push_back(counter.take());
  std::vector<WordCount> words = mixed_by_temperature(std::move(languages), recipe_.sampling_temperature);
  return Tokenizer(parts_around(model_of(std::move(words), recipe_), recipe_));
}

std::vector<WordCount> mixed_by_temperature(std::vector<std::vector<WordCount>> languages, double temperature) {
  std::vector<double> sizes;
  for (const auto& words : languages) {
    double& size = sizes.emplace_back(0);
    for (const WordCount& entry : words) size += static_cast<double>(entry.count);
  }
  const double largest = sizes.empty() ? 0 : *std::ranges::max_element(sizes);
  std::vector<WordCount> mixed;
  for (size_t i = 0; i < languages.size(); ++i) {
    const double weight = sizes[i] > 0 ? std::pow(sizes[i] / largest, 1 / temperature - 1) : 1;
    if (weight != 1)
      for (WordCount& entry : languages[i]) entry.count = std::llround(weight * static_cast<double>(entry.count));
    if (mixed.empty()) mixed = std::move(languages[i]);
    else std::ranges::move(languages[i], std::back_inserter(mixed));
  }
  if (languages.size() < 2) return mixed;
  std::ranges::stable_sort(mixed, {}, &WordCount::word);
  size_t kept = 0;
  for (size_t i = 0; i < mixed.size(); ++i) {
    if (kept > 0 && mixed[kept - 1].word == mixed[i].word) mixed[kept - 1].count += mixed[i].count;
    else if (kept++ != i) mixed[kept - 1] = std::move(mixed[i]);
  }
  mixed.resize(kept);
  return mixed;
}

}  // namespace heddle::text
