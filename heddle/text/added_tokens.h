#pragma once
// Tokens that are found in the text itself before anything else is cut: "<s>", "[CLS]",
// "<|endoftext|>".

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::text {

struct AddedToken {
  std::string content;
  int32_t id;
  bool special;  // left out by decode()
};

class AddedTokens {
 public:
  // Longer ones are no names; with this bound a search stays linear in the text.
  static constexpr size_t kLongest = 1024;  // bytes

  AddedTokens() = default;
  // Contents are not empty, at most kLongest bytes, and distinct.
  explicit AddedTokens(std::vector<AddedToken> tokens);

  const std::vector<AddedToken>& all() const { return tokens_; }  // by content
  // The longest token that begins at text[at], or nullptr. O(length · log tokens).
  const AddedToken* longest_at(std::string_view text, size_t at) const;

 private:
  std::vector<AddedToken> tokens_;
};

}  // namespace heddle::text
