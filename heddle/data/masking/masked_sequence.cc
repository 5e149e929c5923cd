#include "heddle/data/masking/masked_sequence.h"

#include "heddle/base/error.h"

namespace heddle::data {
namespace {

void check(const MaskOptions& options) {
  const auto share = [](double value) { return value >= 0 && value <= 1; };
  if (!share(options.mask) || !share(options.replace) || options.mask + options.replace > 1 + 1e-12)
    fail_input("{} of the chosen tokens to mask and {} to replace; expected shares with a sum of 1 at most",
               options.mask, options.replace);
  if (!share(options.noise) || !share(options.predict))
    fail_input("noise = {}, predict = {}; expected shares from 0 to 1", options.noise, options.predict);
  if ((options.replace > 0 || options.noise > 0) && options.first_id >= options.vocabulary)
    fail_input("tokens are to be replaced by ids from {} to below {}, which are none", options.first_id,
               options.vocabulary);
}

}  // namespace

MaskedSequence mask_sequence(std::span<const int32_t> ids, std::span<const TokenRange> chosen,
                             const MaskOptions& options, RandomStream& random) {
  check(options);
  const auto random_id = [&] {
    return options.first_id +
           static_cast<int32_t>(random.below(static_cast<uint64_t>(options.vocabulary - options.first_id)));
  };
  MaskedSequence masked = {.input = {ids.begin(), ids.end()}, .position = {}, .target = {}};
  std::vector<uint8_t> is_chosen(options.noise > 0 ? ids.size() : 0);
  for (const TokenRange& unit : chosen) {
    const double fate = random.uniform();
    for (int32_t i = unit.begin; i < unit.end; ++i) {
      const auto at = static_cast<size_t>(i);
      if (fate < options.mask) masked.input[at] = options.mask_id;
      else if (fate < options.mask + options.replace) masked.input[at] = random_id();
      if (!is_chosen.empty()) is_chosen[at] = 1;
      if (options.predict < 1 && random.uniform() >= options.predict) continue;
      masked.position.push_back(i);
      masked.target.push_back(ids[at]);
    }
  }
  for (size_t i = 0; i < is_chosen.size(); ++i)
    if (!is_chosen[i] && ids[i] >= options.first_id && random.uniform() < options.noise) masked.input[i] = random_id();
  return masked;
}

RandomKey mask_key(uint64_t seed, int64_t example, int64_t epoch, int64_t copies) {
  const int64_t turn = copies > 0 ? epoch % copies : epoch;
  return RandomKey{.seed = seed, .step = static_cast<uint64_t>(example), .pass = static_cast<uint64_t>(turn)}.at(
      "data.mask");
}

}  // namespace heddle::data
