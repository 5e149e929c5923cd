#include "heddle/data/language_set.h"

#include <algorithm>

#include "heddle/base/error.h"

namespace heddle::data {

void LanguageSet::add(int32_t before, std::span<const int32_t> ids, int64_t asked, int32_t domain) {
  HEDDLE_CHECK(asked >= 0 && asked <= std::ssize(ids), "of {} ids those from {} on cannot be asked for", ids.size(),
               asked);
  ids_.insert(ids_.end(), ids.begin(), ids.end());
  offsets_.push_back(static_cast<int64_t>(ids_.size()));
  before_.push_back(before);
  asked_.push_back(asked);
  domain_.push_back(domain);
}

int64_t LanguageSet::asked_tokens() const {
  int64_t sum = tokens();
  for (int64_t asked : asked_) sum -= asked;
  return sum;
}

std::vector<ExampleLength> LanguageSet::lengths() const {
  std::vector<ExampleLength> lengths;
  lengths.reserve(before_.size());
  for (int64_t i = 0; i < size(); ++i) lengths.push_back({0, static_cast<int64_t>(ids(i).size())});
  return lengths;
}

void LanguageSet::append_to(TranslationBatch& batch, int64_t i, int64_t number) const {
  const std::span<const int32_t> sequence = ids(i);
  batch.target_in.add_shifted(number, before_[static_cast<size_t>(i)], sequence, domain(i));
  batch.target_out.add(number, sequence, domain(i));
  const auto end = batch.target_out.ids.end();
  std::fill(end - std::ssize(sequence), end - std::ssize(sequence) + asked(i), -1);
}

void add_stream(LanguageSet& set, std::span<const int32_t> ids, int32_t begin_id, int64_t block, int32_t domain) {
  if (block < 1) fail_input("data.block = {} must be at least 1", block);
  const auto step = static_cast<size_t>(block);
  for (size_t first = 0; first < ids.size(); first += step)
    set.add(first == 0 ? begin_id : ids[first - 1], ids.subspan(first, std::min(step, ids.size() - first)), 0, domain);
}

}  // namespace heddle::data
