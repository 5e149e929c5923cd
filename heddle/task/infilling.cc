#include "heddle/task/infilling.h"

#include "heddle/base/error.h"

namespace heddle::task {

data::InfillingTokens infilling_tokens(const text::Tokenizer& tokenizer) {
  const auto id = [&](std::string_view token) {
    const auto found = tokenizer.id_of(token);
    if (!found)
      fail_input(
          "the tokenizer has no token {}, which infilling marks a part of a text with; let the recipe train one with "
          "data.infill above 0",
          token);
    return *found;
  };
  return {id(data::kPrefixToken), id(data::kSuffixToken), id(data::kMiddleToken), *tokenizer.end_id()};
}

RandomStream InfillingExamples::random_of(int64_t i) const {
  return RandomStream(RandomKey{.seed = seed_, .step = static_cast<uint64_t>(epoch_)}.at("data.infill"),
                      static_cast<uint64_t>(i));
}

std::vector<data::ExampleLength> InfillingExamples::open(int64_t epoch) {
  epoch_ = epoch;
  std::vector<data::ExampleLength> lengths = set_.lengths();
  for (int64_t i = 0; i < set_.size(); ++i) {
    RandomStream random = random_of(i);
    if (rearranges(random)) lengths[static_cast<size_t>(i)].target += data::kInfillingTokens;
  }
  return lengths;
}

void InfillingExamples::append_to(data::TranslationBatch& batch, int32_t number) const {
  RandomStream random = random_of(number);
  if (!rearranges(random)) return set_.append_to(batch, number, number);
  const std::vector<int32_t> ids = data::rearranged_for_infilling(set_.ids(number), tokens_, random);
  batch.target_in.add_shifted(number, begin_id_, ids, set_.domain(number));
  batch.target_out.add(number, ids, set_.domain(number));
}

}  // namespace heddle::task
