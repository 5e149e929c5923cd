#pragma once
// Tokens that are found in the text itself before anything else is cut: "<s>", "[CLS]", "<|endoftext|>".

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/text/models/vocabulary.h"
#include "heddle/text/normalizers/normalizer.h"
#include "heddle/text/pieces.h"

namespace heddle::text {

struct AddedToken {
  std::string content = {};
  int32_t id = 0;
  bool special = true;       // left out by decode()
  bool normalized = false;   // looked for in the normalized text, in its own normalized form
  bool single_word = false;  // not inside of a word
  bool lstrip = false;       // takes the white space before it
  bool rstrip = false;       // takes the white space after it
  bool in_text = true;       // off: never looked for in a text, as a control piece of SentencePiece
};

// Finds the longest of several strings at each place of a text.
class TokenMatcher {
 public:
  TokenMatcher() = default;
  // Strings that are not empty, each with an index that stands for it.
  explicit TokenMatcher(std::vector<std::pair<std::string, size_t>> contents);
  bool empty() const { return contents_.empty(); }
  // The first place from `at` on where one begins: {begin, its index, its length}; the longest there. nullopt: none.
  struct Match {
    size_t begin, index, length;
  };
  std::optional<Match> find(std::string_view text, size_t at) const;

 private:
  std::optional<Match> longest_at(std::string_view text, size_t at) const;

  std::vector<std::pair<std::string, size_t>> contents_;  // sorted
  std::string first_bytes_;                               // that contents begin with
};

class AddedTokens {
 public:
  static constexpr size_t kLongest = 1024;  // bytes; with this bound a search stays linear in the text

  AddedTokens() = default;
  // Contents are not empty, at most kLongest bytes, and distinct. `normalizer` may be null.
  AddedTokens(std::vector<AddedToken> tokens, const Normalizer* normalizer);

  // "added_tokens" of a tokenizer.json. An id must be that of the same token in the model's vocabulary, or, for tokens
  // that it lacks, the next free one, in the order given; else it is an InputError.
  static std::vector<AddedToken> read(const JsonView& json, const Vocabulary& vocabulary);
  void write(JsonWriter& json) const;

  const std::vector<AddedToken>& all() const { return tokens_; }  // by id
  const AddedToken* find(int32_t id) const;
  const AddedToken* find(std::string_view content) const;
  // What decode() shows of a token: its content, or its normalized form, which a decoder turns back.
  const std::string& shown(const AddedToken& token) const;
  bool is_special(std::string_view token) const;

  // Cuts the whole text into added tokens and what lies between, by those not normalized or those normalized.
  template <class Emit>
  void cut(std::string_view text, bool normalized, Emit&& emit) const;
  bool has(bool normalized) const { return !matcher(normalized).empty(); }

 private:
  const TokenMatcher& matcher(bool normalized) const { return normalized ? normalized_ : plain_; }
  // Where `found` begins and ends with the white space it takes; nullopt: it does not count here.
  std::optional<std::pair<size_t, size_t>> extent(std::string_view text, const TokenMatcher::Match& found,
                                                  size_t least) const;

  std::vector<AddedToken> tokens_;
  std::map<std::string, size_t, std::less<>> by_content_;  // place in tokens_
  std::vector<std::string> shown_;                         // by place in tokens_
  TokenMatcher plain_, normalized_;
};

template <class Emit>
void AddedTokens::cut(std::string_view text, bool normalized, Emit&& emit) const {
  const TokenMatcher& tokens = matcher(normalized);
  size_t done = 0, at = 0;
  while (const auto found = tokens.find(text, at)) {
    at = found->begin + found->length;
    const auto place = extent(text, *found, done);
    if (!place) continue;
    if (done < place->first) emit(done, place->first);
    emit(place->first, place->second, tokens_[found->index].id);
    done = place->second;
  }
  if (done < text.size()) emit(done, text.size());
}

}  // namespace heddle::text
