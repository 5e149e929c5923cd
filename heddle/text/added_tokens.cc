#include "heddle/text/added_tokens.h"

#include <algorithm>

namespace heddle::text {

AddedTokens::AddedTokens(std::vector<AddedToken> tokens) : tokens_(std::move(tokens)) {
  std::ranges::sort(tokens_, {}, &AddedToken::content);
}

// Narrows the sorted tokens to those that agree with the text, one byte after the other.
const AddedToken* AddedTokens::longest_at(std::string_view text, size_t at) const {
  const AddedToken* longest = nullptr;
  auto first = tokens_.begin(), last = tokens_.end();
  for (size_t depth = 0; first != last && at + depth < text.size(); ++depth) {
    const auto byte_at_depth = [depth](const AddedToken& token) {
      return depth < token.content.size() ? static_cast<unsigned char>(token.content[depth]) : -1;
    };
    const int byte = static_cast<unsigned char>(text[at + depth]);
    first = std::ranges::lower_bound(first, last, byte, {}, byte_at_depth);
    last = std::ranges::upper_bound(first, last, byte, {}, byte_at_depth);
    if (first != last && first->content.size() == depth + 1) longest = &*first;
  }
  return longest;
}

}  // namespace heddle::text
