#pragma once
// Masked language modelling: what the model reads instead of the chosen tokens, and which of them it must name.

#include <cstdint>
#include <span>
#include <vector>

#include "heddle/data/masking/mask_units.h"

namespace heddle::data {

struct MaskOptions {
  double mask = 0.8, replace = 0.1;  // shares of chosen units (Devlin et al. 2019); the rest stays as it is
  int32_t mask_id = 0;
  // Ids that replace: first_id … vocabulary − 1, so that special tokens can be left out.
  int32_t first_id = 0, vocabulary = 0;
  // Of the tokens that are not chosen, but for ids below first_id, the share replaced by random ones without being
  // predicted: noise against which the mask itself says less (question 35).
  double noise = 0;
  double predict = 1;  // the share of chosen tokens that are predicted; long texts may take fewer
};

struct MaskedSequence {
  std::vector<int32_t> input;
  std::vector<int32_t> position;  // of the tokens to predict, sorted
  std::vector<int32_t> target;    // their ids
};

// Each chosen unit is masked, replaced or kept as a whole, as whole words and spans are. Throws InputError for shares
// that are no shares, and a vocabulary without an id to replace by.
MaskedSequence mask_sequence(std::span<const int32_t> ids, std::span<const TokenRange> chosen,
                             const MaskOptions& options, RandomStream& random);

// The key of an example's masks. Static masks are the same in every epoch (copies = 1), or take turns among `copies`
// ones (RoBERTa's ten, Liu et al. 2019); dynamic masks (copies = 0) are new each time.
RandomKey mask_key(uint64_t seed, int64_t example, int64_t epoch, int64_t copies);

}  // namespace heddle::data
