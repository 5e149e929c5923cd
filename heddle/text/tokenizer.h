#pragma once
// Text → token ids and back, stored as a Hugging Face `tokenizer.json`.
//
// The pipeline: special tokens are found in the text; what lies between them is cut into pieces, turned
// into byte-level symbols and joined by BPE; the post-processor puts special tokens around the result.

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "heddle/text/added_tokens.h"
#include "heddle/text/bpe.h"
#include "heddle/text/bpe_trainer.h"

namespace heddle::text {

class Tokenizer {
 public:
  // From a trained vocabulary: <pad>, <s>, </s> and <unk> lead it, and encode() appends </s>.
  static Tokenizer from_vocabulary(const BpeVocabulary& vocabulary, size_t special_count);
  // Reads what the `tokenizers` library writes for byte-level BPE: pre-tokenizer ByteLevel with its own pattern,
  // post-processor ByteLevel or TemplateProcessing, added tokens that strip nothing. Truncation and padding
  // are the caller's. Throws InputError for anything else: what would give other ids is never passed over.
  static Tokenizer from_json(std::string_view json, std::string_view source_name);
  static Tokenizer load(const std::filesystem::path& file);

  std::string to_json() const;
  void save(const std::filesystem::path& file) const;

  // Bytes that are not UTF-8 are read as U+FFFD. One thread at a time: frequent pieces are remembered.
  std::vector<int32_t> encode(std::string_view text, bool add_special_tokens = true) const;
  std::string decode(std::span<const int32_t> ids, bool skip_special_tokens = true) const;

  int32_t vocab_size() const { return static_cast<int32_t>(tokens_.size()); }
  std::optional<int32_t> id_of(std::string_view token) const;
  // Throws InputError for an id outside the vocabulary.
  const std::string& token_of(int32_t id) const;

  // The usual special tokens under their usual names ("<s>", "[CLS]", "</s>", …), if there are such.
  std::optional<int32_t> pad_id() const;
  std::optional<int32_t> begin_id() const;
  std::optional<int32_t> end_id() const;

 private:
  enum class Kind : uint8_t { plain, added, special };

  void encode_piece(std::string_view piece, std::vector<int32_t>& ids) const;
  void encode_plain(std::string_view text, std::vector<int32_t>& ids) const;
  void index_tokens(std::vector<AddedToken> added);

  std::vector<std::string> tokens_;  // by id, in byte-level characters; special tokens as they are
  std::unordered_map<std::string, int32_t> ids_;
  std::vector<std::pair<int32_t, int32_t>> merges_;
  Bpe bpe_;
  AddedTokens added_;
  std::vector<Kind> kinds_;              // by id
  std::vector<int32_t> before_, after_;  // what the post-processor adds
  bool add_prefix_space_ = false;
  std::array<int32_t, 256> id_of_byte_{};
  mutable std::unordered_map<std::string, std::vector<int32_t>> cache_;  // of frequent pieces
};

// The four special tokens that training starts from.
std::vector<std::string> default_special_tokens();

}  // namespace heddle::text
