#pragma once
// Text → token ids and back, stored as a Hugging Face `tokenizer.json`.
//
// The pipeline: added tokens are found in the text; what lies between them is normalized, cut into pieces, and each
// piece becomes tokens of the model; the post-processor puts special tokens around the result; truncation and padding
// make it as long as asked for. docs/text.md walks through it.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/text/added_tokens.h"
#include "heddle/text/decoders/decoder.h"
#include "heddle/text/encoding.h"
#include "heddle/text/models/best_cuts.h"
#include "heddle/text/models/model.h"
#include "heddle/text/normalizers/normalizer.h"
#include "heddle/text/post_processors/post_processor.h"
#include "heddle/text/pre_tokenizers/pre_tokenizer.h"
#include "heddle/text/truncation.h"

namespace heddle::text {

// Everything but the model may be absent.
struct TokenizerParts {
  ModelPtr model;
  NormalizerPtr normalizer;
  PreTokenizerPtr pre_tokenizer;
  PostProcessorPtr post_processor;
  DecoderPtr decoder;
  std::vector<AddedToken> added_tokens;
  std::optional<Truncation> truncation;
  std::optional<Padding> padding;
};

// A value: copies share their parts, which never change. Any number of threads may use one at once.
class Tokenizer {
 public:
  // Throws InputError where the parts do not fit each other: ids without a token, two tokens with one id.
  explicit Tokenizer(TokenizerParts parts);
  // Throws InputError, naming the file and the place in it, for whatever would give other ids than the `tokenizers`
  // library gives: nothing is passed over.
  static Tokenizer from_json(std::string_view json, std::string_view source_name);
  // From a tokenizer.json or any other form that heddle/text/formats/load.h lists.
  static Tokenizer load(const std::filesystem::path& file);

  std::string to_json() const;
  void save(const std::filesystem::path& file) const;

  // Bytes that are not UTF-8 are read as U+FFFD; offsets then count in the text so repaired.
  std::vector<int32_t> encode(std::string_view text, bool add_special_tokens = true) const;
  // The ids of encode(), but of pieces cut at random (subword regularisation). The stream alone decides how.
  std::vector<int32_t> sample(std::string_view text, const SubwordSampling& how, RandomStream& random,
                              bool add_special_tokens = true) const;
  // The `most` most probable ways to cut the whole text, the best first, with the sums of their tokens'
  // log-probabilities; of a model without these (all but Unigram) the one way of encode(), and 0.
  struct ScoredIds {
    std::vector<int32_t> ids;
    double score = 0;
  };
  std::vector<ScoredIds> nbest(std::string_view text, int64_t most, bool add_special_tokens = true) const;
  // The ids, and all there is to know about them.
  Encoding encode_full(std::string_view text, bool add_special_tokens = true,
                       OffsetUnit unit = OffsetUnit::bytes) const;
  Encoding encode_pair(std::string_view first, std::string_view second, bool add_special_tokens = true,
                       OffsetUnit unit = OffsetUnit::bytes) const;
  // Texts of a batch, padded to each other where there is padding; on all threads.
  std::vector<Encoding> encode_batch(std::span<const std::string> texts, bool add_special_tokens = true,
                                     OffsetUnit unit = OffsetUnit::bytes) const;

  // What the model would be given: calls use() with each piece of the text that is no added token, and with whether it
  // is bytes instead of byte-level characters, the same for all pieces. The views live until use() returns.
  void each_piece(std::string_view text, const std::function<void(std::string_view piece, bool as_bytes)>& use) const;

  // Throws InputError for an id outside the vocabulary.
  std::string decode(std::span<const int32_t> ids, bool skip_special_tokens = true) const;

  // Ids are below this; few, if any, of them have no token.
  int32_t vocab_size() const { return vocab_size_; }
  std::optional<int32_t> id_of(std::string_view token) const;
  // Throws InputError for an id outside the vocabulary.
  std::string token_of(int32_t id) const;

  // The usual special tokens under their usual names ("<s>", "[CLS]", "</s>", …), if there are such.
  std::optional<int32_t> pad_id() const;
  std::optional<int32_t> begin_id() const;
  std::optional<int32_t> end_id() const;

  const TokenizerParts& parts() const { return parts_; }

 private:
  void find_surroundings();
  size_t room_for_text(bool add_special_tokens, bool pair) const;
  // Calls use(pieces) for each part of valid text between added tokens that are not normalized, and
  // use_added(id, begin, end) for these.
  template <class Use, class UseAdded>
  void each_segment(std::string_view text, bool tracked, Use&& use, UseAdded&& use_added) const;
  template <class AddIds>
  std::vector<int32_t> ids_of(std::string_view text, bool add_special_tokens, AddIds&& add_ids) const;
  // By tokenize(piece, as_bytes, tokens), which appends a piece's tokens.
  template <class Tokenize>
  std::vector<int32_t> ids_by(std::string_view text, bool add_special_tokens, Tokenize&& tokenize) const;
  BestCuts best_cuts(std::string_view text, int64_t most) const;
  std::vector<int32_t> ids_of_way(std::string_view text, bool add_special_tokens, const BestCuts& cuts,
                                  int64_t way) const;
  template <class Tokenize>
  Encoding encode_by(std::string_view text, int32_t type_id, OffsetUnit unit, Tokenize&& tokenize) const;
  Encoding encode_one(std::string_view text, int32_t type_id, OffsetUnit unit) const;
  Encoding finish(Encoding first, std::optional<Encoding> second, bool add_special_tokens, bool pad) const;

  TokenizerParts parts_;
  AddedTokens added_;
  int32_t vocab_size_ = 0;
  bool needs_origins_ = false;
  // What the post-processor puts around the ids of a single text; none if it does more than that.
  std::optional<std::pair<std::vector<int32_t>, std::vector<int32_t>>> surroundings_;
};

}  // namespace heddle::text
