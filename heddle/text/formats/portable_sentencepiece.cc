// A SentencePiece model in parts that the `tokenizers` library knows; the interface is sentencepiece.h.

#include <algorithm>

#include "heddle/base/error.h"
#include "heddle/text/decoders/bytes.h"
#include "heddle/text/decoders/texts.h"
#include "heddle/text/formats/sentencepiece.h"
#include "heddle/text/models/bpe.h"
#include "heddle/text/models/unigram.h"
#include "heddle/text/normalizers/precompiled.h"
#include "heddle/text/normalizers/prepend.h"
#include "heddle/text/normalizers/replace.h"
#include "heddle/text/normalizers/sequence.h"

namespace heddle::text {
namespace {

using Kind = SentencePiece::Kind;

constexpr const char* kSpaceMark = "\u2581";

NormalizerPtr normalizer_of(const SentencePieceNormalizerOptions& options) {
  if (options.treat_whitespace_as_suffix) fail_input("spaces as suffixes have no portable form");
  std::vector<NormalizerPtr> steps;
  const auto replace = [&](Pattern pattern, const char* content) {
    steps.push_back(std::make_shared<Replace>(std::move(pattern), content));
  };
  if (!options.precompiled_charsmap.empty())
    steps.push_back(std::make_shared<Precompiled>(options.precompiled_charsmap));
  if (options.remove_extra_whitespaces) {
    replace(Pattern::regex(options.escape_whitespaces ? "\\A +|[ \u2581]+\\z" : "\\A +| +\\z"), "");
    replace(Pattern::regex(" {2,}"), " ");
  }
  if (options.add_dummy_prefix)
    steps.push_back(std::make_shared<Prepend>(options.escape_whitespaces ? kSpaceMark : " "));
  if (options.escape_whitespaces) replace(Pattern::string(" "), kSpaceMark);
  return std::make_shared<NormalizerSequence>(std::move(steps));
}

ModelPtr unigram_of(const SentencePieceFile& file) {
  std::vector<std::pair<std::string, double>> tokens;
  int32_t unk = Vocabulary::kNone;
  for (const SentencePiece& piece : file.pieces) {
    if (piece.kind == Kind::unknown) unk = static_cast<int32_t>(tokens.size());
    tokens.emplace_back(piece.text, static_cast<double>(piece.score));
  }
  return std::make_shared<Unigram>(std::move(tokens), unk, file.byte_fallback);
}

// Merges in the order of the scores of what they give.
ModelPtr bpe_of(const SentencePieceFile& file) {
  std::vector<std::string> texts;
  std::vector<int32_t> order;
  BpeOptions options;
  for (const SentencePiece& piece : file.pieces) {
    if (piece.kind == Kind::unknown) options.unk_token = piece.text;
    if (piece.kind == Kind::normal) order.push_back(static_cast<int32_t>(texts.size()));
    texts.push_back(piece.text);
  }
  options.fuse_unk = options.rank_by_token = true;
  options.byte_fallback = file.byte_fallback;
  Vocabulary vocabulary(texts);
  const auto score = [&](int32_t id) { return file.pieces[static_cast<size_t>(id)].score; };
  std::ranges::stable_sort(order, std::greater<>(), score);
  for (size_t i = 1; i < order.size(); ++i)
    if (score(order[i]) == score(order[i - 1]))
      fail_input("the pieces \"{}\" and \"{}\" have the same score, which has no portable form",
                 vocabulary.token(order[i - 1]), vocabulary.token(order[i]));
  std::vector<std::pair<int32_t, int32_t>> merges;
  const auto part = [&](std::string_view text) {
    const int32_t id = vocabulary.find(text);
    return id != Vocabulary::kNone && file.pieces[static_cast<size_t>(id)].kind == Kind::normal ? id
                                                                                                : Vocabulary::kNone;
  };
  if (file.model_type == SentencePieceFile::ModelType::character) order.clear();
  for (int32_t id : order) {
    const std::string_view text = vocabulary.token(id);
    bool made = count_code_points(text) == 1;
    for (size_t at = static_cast<size_t>(decode(text.data()).length); at < text.size();
         at += static_cast<size_t>(decode(text.data() + at).length)) {
      const int32_t left = part(text.substr(0, at)), right = part(text.substr(at));
      if (left == Vocabulary::kNone || right == Vocabulary::kNone) continue;
      merges.emplace_back(left, right);
      made = true;
    }
    if (!made) fail_input("the piece \"{}\" is made of none other, which has no portable form", text);
  }
  return std::make_shared<Bpe>(std::move(vocabulary), std::move(merges), std::move(options));
}

DecoderPtr decoder_of(const SentencePieceFile& file) {
  std::vector<DecoderPtr> steps = {std::make_shared<ReplaceDecoder>(Pattern::string(kSpaceMark), " ")};
  if (file.byte_fallback) steps.push_back(std::make_shared<ByteFallbackDecoder>());
  steps.push_back(std::make_shared<FuseDecoder>());
  if (file.normalizer.add_dummy_prefix) steps.push_back(std::make_shared<StripDecoder>(' ', 1, 0));
  return std::make_shared<DecoderSequence>(std::move(steps));
}

}  // namespace

Tokenizer portable_tokenizer_of_sentencepiece(std::string_view bytes, const std::string& source_name) {
  // The exact one first, which checks the pieces.
  tokenizer_of_sentencepiece(bytes, source_name);
  const SentencePieceFile file = read_sentencepiece_file(bytes, source_name);
  try {
    TokenizerParts parts;
    for (size_t id = 0; id < file.pieces.size(); ++id) {
      const auto& [text, score, kind] = file.pieces[id];
      if (kind == Kind::unused) fail_input("piece {} is unused, which has no portable form", id);
      if (kind == Kind::control || kind == Kind::user_defined)
        parts.added_tokens.push_back(
            {.content = text, .id = static_cast<int32_t>(id), .special = kind == Kind::control});
    }
    parts.normalizer = normalizer_of(file.normalizer);
    parts.pre_tokenizer = word_boundaries(file.pieces);
    parts.model = file.model_type == SentencePieceFile::ModelType::unigram ? unigram_of(file) : bpe_of(file);
    parts.decoder = decoder_of(file);
    return Tokenizer(std::move(parts));
  } catch (const InputError& error) {
    fail_input("{}: {}", source_name, error.what());
  }
}

}  // namespace heddle::text
