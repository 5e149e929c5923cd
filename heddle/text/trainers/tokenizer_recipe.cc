#include "heddle/text/trainers/tokenizer_recipe.h"

#include <algorithm>
#include <cctype>
#include <set>

#include <fmt/format.h>

#include "heddle/base/error.h"
#include "heddle/text/case_marks.h"
#include "heddle/text/decoders/bytes.h"
#include "heddle/text/decoders/texts.h"
#include "heddle/text/decoders/word_pieces.h"
#include "heddle/text/normalizers/bert.h"
#include "heddle/text/normalizers/lowercase.h"
#include "heddle/text/normalizers/sequence.h"
#include "heddle/text/normalizers/strip.h"
#include "heddle/text/normalizers/unicode_form.h"
#include "heddle/text/post_processors/bert.h"
#include "heddle/text/post_processors/template.h"
#include "heddle/text/pre_tokenizers/byte_level.h"
#include "heddle/text/pre_tokenizers/characters.h"
#include "heddle/text/pre_tokenizers/fixed_length.h"
#include "heddle/text/pre_tokenizers/known_patterns.h"
#include "heddle/text/pre_tokenizers/metaspace.h"
#include "heddle/text/pre_tokenizers/sequence.h"
#include "heddle/text/pre_tokenizers/split.h"
#include "heddle/text/pre_tokenizers/unicode_scripts.h"

namespace heddle::text {
namespace {

template <class Sequence, class PartPtr>
PartPtr in_sequence(std::vector<PartPtr> parts) {
  if (parts.empty()) return nullptr;
  return parts.size() == 1 ? parts.front() : std::make_shared<Sequence>(std::move(parts));
}

bool has_metaspace(const TokenizerRecipe& recipe) { return recipe.type == "char-bpe" || recipe.type == "unigram"; }
bool drops_spaces(const TokenizerRecipe& recipe) { return recipe.type == "wordpiece" || recipe.type == "word"; }

CaseMarkOptions case_marks_of(const TokenizerRecipe& recipe) {
  return {.prefix_space = has_metaspace(recipe), .words_are_joined = drops_spaces(recipe)};
}

// With case marks the prefix is put before the mark, by them.
MetaspaceOptions metaspace_of(const TokenizerRecipe& recipe) {
  return {.prepend = recipe.case_marks ? PrependScheme::never : PrependScheme::always};
}

NormalizerPtr normalizer_of(const TokenizerRecipe& recipe) {
  std::vector<NormalizerPtr> steps;
  if (recipe.normalization == "nfc") steps.push_back(std::make_shared<UnicodeNormalizer>(UnicodeForm::nfc));
  if (recipe.normalization == "nfkc") steps.push_back(std::make_shared<UnicodeNormalizer>(UnicodeForm::nfkc));
  if (recipe.case_marks) steps.push_back(std::make_shared<CaseMarks>(case_marks_of(recipe)));
  if (recipe.type == "wordpiece") {
    steps.push_back(std::make_shared<BertNormalizer>(
        BertOptions{.strip_accents = recipe.strip_accents, .lowercase = recipe.lowercase}));
  } else {
    if (recipe.lowercase) steps.push_back(std::make_shared<Lowercase>());
    if (recipe.strip_accents) {
      steps.push_back(std::make_shared<UnicodeNormalizer>(UnicodeForm::nfd));
      steps.push_back(std::make_shared<StripAccents>());
    }
  }
  return in_sequence<NormalizerSequence>(std::move(steps));
}

void add_split(const std::string& pattern, std::vector<PreTokenizerPtr>& steps) {
  steps.push_back(std::make_shared<Split>(Pattern::regex(pattern), SplitBehavior::isolated, false));
}

// A name that is none of ours would else be a pattern, which hardly ever matches.
void check_is_no_name(const std::string& rule) {
  const bool name = rule.size() > 2 && std::ranges::all_of(rule, [](char c) {
                      return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
                    });
  if (name)
    fail_input(
        "\"{}\" is no rule to cut by; there are {}, and any pattern, which for these letters themselves is (?:{})",
        rule, fmt::join(split_rules(), ", "), rule);
}

void add_rule(const std::string& rule, std::vector<PreTokenizerPtr>& steps) {
  if (rule.empty()) fail_input("a rule to cut by is empty; name one, or give a pattern");
  if (rule == "whitespace") return steps.push_back(std::make_shared<WhitespaceSplit>());
  if (rule == "punctuation") return steps.push_back(std::make_shared<Punctuation>(SplitBehavior::isolated));
  if (rule == "digits") return steps.push_back(std::make_shared<Digits>(true));
  if (rule == "scripts") return steps.push_back(std::make_shared<UnicodeScripts>());
  bool known = false;  // that of DeepSeek is three patterns, one after the other
  for (const KnownPattern& pattern : known_patterns())
    if (pattern.name == rule || (rule == "deepseek" && std::string_view(pattern.name).starts_with("deepseek_"))) {
      add_split(pattern.pattern, steps);
      known = true;
    }
  if (known) return;
  check_is_no_name(rule);
  add_split(rule, steps);
}

PreTokenizerPtr pre_tokenizer_of(const TokenizerRecipe& recipe) {
  std::vector<PreTokenizerPtr> steps;
  if (recipe.case_marks) add_split("[⇧⇪⇩]", steps);
  if (has_metaspace(recipe)) steps.push_back(std::make_shared<Metaspace>(metaspace_of(recipe)));
  if (recipe.type == "wordpiece") steps.push_back(std::make_shared<BertPreTokenizer>());
  if (recipe.type == "word" && recipe.splits.empty()) steps.push_back(std::make_shared<Whitespace>());
  if (recipe.type == "word" && !recipe.splits.empty()) steps.push_back(std::make_shared<WhitespaceSplit>());
  for (const std::string& rule : recipe.splits) add_rule(rule, steps);
  if (recipe.type == "char") steps.push_back(std::make_shared<FixedLength>(1));
  if (recipe.type == "bpe")
    steps.push_back(
        std::make_shared<ByteLevel>(ByteLevelOptions{.add_prefix_space = false, .use_regex = recipe.splits.empty()}));
  return in_sequence<PreTokenizerSequence>(std::move(steps));
}

DecoderPtr decoder_of(const TokenizerRecipe& recipe) {
  std::vector<DecoderPtr> steps;
  if (recipe.type == "bpe")
    steps.push_back(std::make_shared<ByteLevelDecoder>(ByteLevelOptions{.add_prefix_space = false}));
  if (recipe.type == "wordpiece" || (recipe.type == "word" && recipe.case_marks))
    steps.push_back(std::make_shared<WordPieceDecoder>("##", recipe.type == "wordpiece"));
  if (recipe.byte_fallback) steps.push_back(std::make_shared<ByteFallbackDecoder>());
  if (has_metaspace(recipe)) steps.push_back(std::make_shared<MetaspaceDecoder>(metaspace_of(recipe)));
  if (recipe.type == "char") steps.push_back(std::make_shared<FuseDecoder>());
  if (recipe.case_marks) steps.push_back(std::make_shared<CaseMarksDecoder>(case_marks_of(recipe)));
  return in_sequence<DecoderSequence>(std::move(steps));
}

// Around each text what its special tokens suggest: [CLS] … [SEP], or … </s>.
PostProcessorPtr post_processor_of(const Vocabulary& vocabulary) {
  const auto token = [&](const char* name) { return SpecialToken{name, vocabulary.find(name)}; };
  const SpecialToken cls = token("[CLS]"), sep = token("[SEP]"), end = token("</s>");
  if (cls.id != Vocabulary::kNone && sep.id != Vocabulary::kNone) return std::make_shared<BertProcessing>(sep, cls);
  return end.id == Vocabulary::kNone ? nullptr : TemplateProcessing::around({}, {{end.token, end.id}});
}

}  // namespace

const std::vector<std::string>& tokenizer_types() {
  static const std::vector<std::string> types = {"bpe", "char-bpe", "wordpiece", "unigram", "word", "char"};
  return types;
}

const std::vector<std::string>& split_rules() {
  static const std::vector<std::string> rules = {"whitespace", "punctuation", "digits", "scripts",  "gpt2", "llama3",
                                                 "cl100k",     "o200k",       "qwen",   "deepseek", "bloom"};
  return rules;
}

void check(const TokenizerRecipe& recipe) {
  if (std::ranges::find(tokenizer_types(), recipe.type) == tokenizer_types().end())
    fail_input("\"{}\" is no type of tokenizer; there are {}", recipe.type, fmt::join(tokenizer_types(), ", "));
  if (recipe.normalization != "none" && recipe.normalization != "nfc" && recipe.normalization != "nfkc")
    fail_input("\"{}\" is no normalization; there are none, nfc and nfkc", recipe.normalization);
  if (recipe.lowercase && recipe.case_marks) fail_input("case marks and small letters alone do not go together");
  if (recipe.byte_fallback && recipe.type != "char-bpe" && recipe.type != "unigram")
    fail_input("byte fallback is for char-bpe and unigram; {} has no use for it", recipe.type);
  if (!(recipe.sampling_temperature > 0))
    fail_input("the sampling temperature is {}; it must be above 0 (1: languages as they are)",
               recipe.sampling_temperature);
  std::set<std::string> seen;
  for (const std::string& token : first_tokens_of(recipe)) {
    if (token.empty()) fail_input("a special token or protected word is empty");
    if (token.size() > AddedTokens::kLongest)
      fail_input("a special token or protected word is longer than {} bytes", AddedTokens::kLongest);
    if (!seen.insert(token).second) fail_input("\"{}\" is a special token or protected word twice", token);
  }
  unknown_token_of(recipe);
}

std::vector<std::string> special_tokens_of(const TokenizerRecipe& recipe) {
  if (!recipe.special_tokens.empty()) return recipe.special_tokens;
  if (recipe.type == "wordpiece") return {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
  return {"<pad>", "<s>", "</s>", "<unk>"};
}

std::vector<std::string> first_tokens_of(const TokenizerRecipe& recipe) {
  std::vector<std::string> tokens = special_tokens_of(recipe);
  tokens.insert(tokens.end(), recipe.protected_words.begin(), recipe.protected_words.end());
  return tokens;
}

std::string unknown_token_of(const TokenizerRecipe& recipe) {
  if (recipe.type == "bpe") return "";
  for (const std::string& token : special_tokens_of(recipe))
    if (token == "<unk>" || token == "[UNK]") return token;
  fail_input(
      "a tokenizer of type {} needs a token for what it does not know: name <unk> or [UNK] among the special tokens",
      recipe.type);
}

std::vector<std::string> byte_tokens() {
  std::vector<std::string> tokens;
  for (int byte = 0; byte < 256; ++byte) tokens.push_back(fmt::format("<0x{:02X}>", byte));
  return tokens;
}

TokenizerParts parts_around(ModelPtr model, const TokenizerRecipe& recipe) {
  TokenizerParts parts;
  const Vocabulary& vocabulary = model->vocabulary();
  for (const std::string& token : special_tokens_of(recipe))
    parts.added_tokens.push_back({.content = token, .id = vocabulary.find(token)});
  // Not in their normal form where that has marks of case and a space put before.
  for (const std::string& word : recipe.protected_words)
    parts.added_tokens.push_back({.content = word,
                                  .id = vocabulary.find(word),
                                  .special = false,
                                  .normalized = !recipe.case_marks,
                                  .single_word = true});
  parts.normalizer = normalizer_of(recipe);
  parts.pre_tokenizer = pre_tokenizer_of(recipe);
  parts.decoder = decoder_of(recipe);
  parts.post_processor = post_processor_of(vocabulary);
  parts.model = std::move(model);
  return parts;
}

}  // namespace heddle::text
