#pragma once
// New texts from old ones, by tokens: dropout, swaps, synonyms (Wei & Zou 2019, "EDA"), and through a function that
// translates there and back (Sennrich et al. 2016).

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "heddle/base/random.h"

namespace heddle::data {

// Each token is left out with probability p; one at random stays if none would. Throws InputError for p outside [0, 1).
std::vector<int32_t> drop_tokens(std::span<const int32_t> ids, double p, RandomStream& random);

// round(share · tokens) times, two tokens at random change places, at most `distance` apart. Throws InputError for a
// share outside [0, 1] or a distance below 1.
std::vector<int32_t> swap_tokens(std::span<const int32_t> ids, double share, int64_t distance, RandomStream& random);

// Each token is replaced with probability p by one that `neighbours` names for it, such as the nearest by word vectors;
// all alike. Tokens without neighbours stay. Throws InputError for p outside [0, 1].
using Neighbours = std::function<std::span<const int32_t>(int32_t id)>;
std::vector<int32_t> replace_by_neighbours(std::span<const int32_t> ids, double p, const Neighbours& neighbours,
                                           RandomStream& random);

// Texts there and back; a text that comes back empty or as it was is left out. `example` says whose each result is.
struct Paraphrase {
  int64_t example;
  std::string text;
};
using Translate = std::function<std::vector<std::string>(std::span<const std::string>)>;
std::vector<Paraphrase> back_translate(std::span<const std::string> texts, const Translate& there,
                                       const Translate& back);

}  // namespace heddle::data
