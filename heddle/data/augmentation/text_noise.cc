#include "heddle/data/augmentation/text_noise.h"

#include <algorithm>
#include <cmath>

#include "heddle/base/error.h"

namespace heddle::data {

std::vector<int32_t> drop_tokens(std::span<const int32_t> ids, double p, RandomStream& random) {
  if (!(p >= 0 && p < 1)) fail_input("tokens are to be dropped with probability {}; expected 0 or more, below 1", p);
  std::vector<int32_t> kept;
  for (int32_t id : ids)
    if (random.uniform() >= p) kept.push_back(id);
  if (kept.empty() && !ids.empty()) kept.push_back(ids[random.below(ids.size())]);
  return kept;
}

std::vector<int32_t> swap_tokens(std::span<const int32_t> ids, double share, int64_t distance, RandomStream& random) {
  if (!(share >= 0 && share <= 1) || distance < 1)
    fail_input("{} of the tokens are to be swapped up to {} places away; expected a share, and 1 place or more", share,
               distance);
  std::vector<int32_t> out(ids.begin(), ids.end());
  if (out.size() < 2) return out;
  const auto reach = static_cast<uint64_t>(std::min<int64_t>(distance, std::ssize(out) - 1));
  for (int64_t left = std::llround(share * static_cast<double>(out.size())); left > 0; --left) {
    const uint64_t apart = 1 + random.below(reach), first = random.below(out.size() - apart);
    std::swap(out[first], out[first + apart]);
  }
  return out;
}

std::vector<int32_t> replace_by_neighbours(std::span<const int32_t> ids, double p, const Neighbours& neighbours,
                                           RandomStream& random) {
  if (!(p >= 0 && p <= 1)) fail_input("tokens are to be replaced with probability {}; expected 0 to 1", p);
  std::vector<int32_t> out(ids.begin(), ids.end());
  for (int32_t& id : out) {
    if (random.uniform() >= p) continue;
    const std::span<const int32_t> near = neighbours(id);
    if (!near.empty()) id = near[random.below(near.size())];
  }
  return out;
}

std::vector<Paraphrase> back_translate(std::span<const std::string> texts, const Translate& there,
                                       const Translate& back) {
  const std::vector<std::string> results = back(there(texts));
  if (results.size() != texts.size())
    fail_input("{} texts were translated there and back, but {} came back", texts.size(), results.size());
  std::vector<Paraphrase> paraphrases;
  for (size_t i = 0; i < texts.size(); ++i)
    if (!results[i].empty() && results[i] != texts[i]) paraphrases.push_back({static_cast<int64_t>(i), results[i]});
  return paraphrases;
}

}  // namespace heddle::data
