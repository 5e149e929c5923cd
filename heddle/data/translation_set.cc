#include "heddle/data/translation_set.h"

namespace heddle::data {

void PackedSequences::clear() {
  ids.clear();
  position.clear();
  example.clear();
  offsets.assign(1, 0);
}

void PackedSequences::append(int64_t example_number, int32_t id, int32_t place) {
  ids.push_back(id);
  position.push_back(place);
  example.push_back(example_number);
}

void PackedSequences::add(int64_t example_number, std::span<const int32_t> sequence) {
  int32_t place = 0;
  for (int32_t id : sequence) append(example_number, id, place++);
  offsets.push_back(static_cast<int32_t>(ids.size()));
}

void PackedSequences::add_shifted(int64_t example_number, int32_t first, std::span<const int32_t> sequence) {
  int32_t place = 0;
  if (!sequence.empty()) append(example_number, first, place++);
  for (size_t i = 0; i + 1 < sequence.size(); ++i) append(example_number, sequence[i], place++);
  offsets.push_back(static_cast<int32_t>(ids.size()));
}

void TranslationBatch::clear() {
  source.clear();
  target_in.clear();
  target_out.clear();
}

void TranslationSet::add(std::span<const int32_t> source, std::span<const int32_t> target) {
  source_ids_.insert(source_ids_.end(), source.begin(), source.end());
  target_ids_.insert(target_ids_.end(), target.begin(), target.end());
  source_offsets_.push_back(static_cast<int64_t>(source_ids_.size()));
  target_offsets_.push_back(static_cast<int64_t>(target_ids_.size()));
}

void TranslationSet::append_to(TranslationBatch& batch, int64_t i, int64_t number, int32_t begin_id) const {
  batch.source.add(number, source(i));
  batch.target_in.add_shifted(number, begin_id, target(i));
  batch.target_out.add(number, target(i));
}

}  // namespace heddle::data
