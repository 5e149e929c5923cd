#include "heddle/data/infilling.h"

#include <algorithm>

namespace heddle::data {

std::vector<int32_t> infilling_prompt(std::span<const int32_t> prefix, std::span<const int32_t> suffix,
                                      const InfillingTokens& tokens) {
  std::vector<int32_t> prompt = {tokens.prefix};
  prompt.insert(prompt.end(), prefix.begin(), prefix.end());
  prompt.push_back(tokens.suffix);
  prompt.insert(prompt.end(), suffix.begin(), suffix.end());
  prompt.push_back(tokens.middle);
  return prompt;
}

std::vector<int32_t> rearranged_for_infilling(std::span<const int32_t> ids, const InfillingTokens& tokens,
                                              RandomStream& random) {
  const auto [begin, end] = std::minmax({random.below(ids.size() + 1), random.below(ids.size() + 1)});
  std::vector<int32_t> order = infilling_prompt(ids.first(begin), ids.subspan(end), tokens);
  order.insert(order.end(), ids.begin() + static_cast<std::ptrdiff_t>(begin),
               ids.begin() + static_cast<std::ptrdiff_t>(end));
  order.push_back(tokens.end);
  return order;
}

}  // namespace heddle::data
