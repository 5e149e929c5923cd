#include "heddle/text/formats/sentencepiece.h"

#include <algorithm>

#include "heddle/base/error.h"
#include "heddle/text/decoders/sentence_piece.h"
#include "heddle/text/formats/protobuf.h"
#include "heddle/text/models/sentence_piece_bpe.h"
#include "heddle/text/models/sentence_piece_unigram.h"
#include "heddle/text/pre_tokenizers/split.h"

namespace heddle::text {
namespace {

using Kind = SentencePiece::Kind;

constexpr std::string_view kEscapedSpace = "\u2581";

// The fields' numbers are those of sentencepiece_model.proto; what is not read has no say in ids.
SentencePiece read_piece(ProtobufReader message) {
  SentencePiece piece;
  while (message.next()) switch (message.field()) {
      case 1: piece.text = message.text(); break;
      case 2: piece.score = message.number(); break;
      case 3: {
        const uint64_t kind = message.whole();
        if (kind < 1 || kind > 6)
          fail_input("{}: the piece is of the kind {}; known are 1 to 6", message.where(), kind);
        piece.kind = static_cast<Kind>(kind);
        break;
      }
      default: break;
    }
  return piece;
}

void read_trainer_spec(ProtobufReader message, SentencePieceFile& file) {
  while (message.next()) switch (message.field()) {
      case 3: {
        const uint64_t type = message.whole();
        if (type < 1 || type > 4)
          fail_input("{}: the model type is {}; known are 1 (unigram), 2 (bpe) and 4 (char)", message.where(), type);
        file.model_type = static_cast<SentencePieceFile::ModelType>(type);
        break;
      }
      case 24: file.normalizer.treat_whitespace_as_suffix = message.flag(); break;
      case 35: file.byte_fallback = message.flag(); break;
      case 44: file.unk_surface = message.text(); break;
      default: break;
    }
}

void read_normalizer_spec(ProtobufReader message, SentencePieceNormalizerOptions& options) {
  while (message.next()) switch (message.field()) {
      case 2: options.precompiled_charsmap = message.bytes(); break;
      case 3: options.add_dummy_prefix = message.flag(); break;
      case 4: options.remove_extra_whitespaces = message.flag(); break;
      case 5: options.escape_whitespaces = message.flag(); break;
      default: break;
    }
}

std::vector<AddedToken> control_tokens(const std::vector<SentencePiece>& pieces) {
  std::vector<AddedToken> tokens;
  for (size_t id = 0; id < pieces.size(); ++id)
    if (pieces[id].kind == Kind::control)
      tokens.push_back({.content = pieces[id].text, .id = static_cast<int32_t>(id), .in_text = false});
  return tokens;
}

}  // namespace

PreTokenizerPtr word_boundaries(const std::vector<SentencePiece>& pieces) {
  bool leads = true, trails = true, has_space = false;
  for (const SentencePiece& piece : pieces) {
    if (!piece.is_text()) continue;
    if (piece.kind == Kind::unused) return nullptr;  // what it falls into depends on all of the text
    const std::string_view text = piece.text;
    has_space = has_space || text == kEscapedSpace;
    size_t begin = 0, end = text.size();
    while (text.substr(begin).starts_with(kEscapedSpace)) begin += kEscapedSpace.size();
    while (text.substr(0, end).ends_with(kEscapedSpace)) end -= kEscapedSpace.size();
    leads = leads && text.find(kEscapedSpace, begin) == std::string_view::npos;
    trails = trails && text.substr(0, end).find(kEscapedSpace) == std::string_view::npos;
  }
  if (!has_space) return nullptr;
  const auto cut = [](SplitBehavior behavior) {
    return std::make_shared<Split>(Pattern::regex("\u2581+"), behavior, false);
  };
  if (leads) return cut(SplitBehavior::merged_with_next);
  return trails ? cut(SplitBehavior::merged_with_previous) : nullptr;
}

bool looks_like_sentencepiece(std::string_view bytes) {
  // The first field is a piece, whose first field is its text.
  try {
    ProtobufReader message(bytes, "");
    if (!message.next() || message.field() != 1) return false;
    ProtobufReader piece(message.bytes(), "");
    return piece.next() && piece.field() == 1 && is_valid_utf8(piece.bytes());
  } catch (const InputError&) {
    return false;
  }
}

SentencePieceFile read_sentencepiece_file(std::string_view bytes, const std::string& source_name) {
  SentencePieceFile file;
  ProtobufReader message(bytes, source_name);
  const auto part = [&](const std::string& name) { return ProtobufReader(message.bytes(), source_name + ": " + name); };
  while (message.next()) switch (message.field()) {
      case 1: file.pieces.push_back(read_piece(part("piece " + std::to_string(file.pieces.size())))); break;
      case 2: read_trainer_spec(part("trainer_spec"), file); break;
      case 3: read_normalizer_spec(part("normalizer_spec"), file.normalizer); break;
      case 5: {
        SentencePieceNormalizerOptions decoding;
        read_normalizer_spec(part("denormalizer_spec"), decoding);
        if (!decoding.precompiled_charsmap.empty())
          fail_input("{}: denormalizer_spec has a character map; decoding with one is not known", source_name);
        break;
      }
      default: break;
    }
  if (file.pieces.empty()) fail_input("{}: there are no pieces; this is no SentencePiece model", source_name);
  if (file.model_type == SentencePieceFile::ModelType::word)
    fail_input("{}: the model is of the type word; known are unigram, bpe and char", source_name);
  return file;
}

Tokenizer tokenizer_of_sentencepiece(std::string_view bytes, const std::string& source_name) {
  SentencePieceFile file = read_sentencepiece_file(bytes, source_name);
  try {
    TokenizerParts parts;
    parts.added_tokens = control_tokens(file.pieces);
    file.normalizer.user_defined_symbols = user_defined_symbols(file.pieces);
    SentencePieceDecoderOptions decoding = {.unk_surface = file.unk_surface,
                                            .byte_fallback = file.byte_fallback,
                                            .add_dummy_prefix = file.normalizer.add_dummy_prefix,
                                            .remove_extra_whitespaces = file.normalizer.remove_extra_whitespaces};
    const auto unk = std::ranges::find(file.pieces, Kind::unknown, &SentencePiece::kind);
    decoding.unk_piece = unk != file.pieces.end() ? unk->text : "";
    parts.decoder = std::make_shared<SentencePieceDecoder>(std::move(decoding));
    parts.normalizer = std::make_shared<SentencePieceNormalizer>(std::move(file.normalizer));
    if (file.model_type == SentencePieceFile::ModelType::unigram) {
      parts.model = std::make_shared<SentencePieceUnigram>(std::move(file.pieces), file.byte_fallback);
    } else {
      parts.pre_tokenizer = word_boundaries(file.pieces);
      parts.model = std::make_shared<SentencePieceBpe>(std::move(file.pieces), file.byte_fallback,
                                                       file.model_type == SentencePieceFile::ModelType::bpe);
    }
    return Tokenizer(std::move(parts));
  } catch (const InputError& error) {
    fail_input("{}: {}", source_name, error.what());  // of a part that knows no files
  }
}

}  // namespace heddle::text
