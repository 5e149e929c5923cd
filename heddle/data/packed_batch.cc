#include "heddle/data/packed_batch.h"

#include <algorithm>

#include "heddle/base/error.h"

namespace heddle::data {
namespace {

void append_run(const PackedSequences& from, int64_t first, int64_t last, PackedSequences& to) {
  to.clear();
  if (from.sequences() == 0) return;  // the source of a language model's batch
  for (int64_t i = first; i < last; ++i) to.add_copy(from, i);
}

constexpr int64_t kSecondCopy = int64_t{1} << 40;  // no data holds as many examples

void repeat_sequences(PackedSequences& packed) {
  const int64_t sequences = packed.sequences();
  for (int64_t i = 0; i < sequences; ++i) packed.add_copy(packed, i, kSecondCopy);
}

}  // namespace

void PackedSequences::clear() {
  ids.clear();
  position.clear();
  example.clear();
  length.clear();
  document.clear();
  domain.clear();
  offsets.assign(1, 0);
}

void PackedSequences::append(int64_t example_number, int32_t id, int32_t place, int32_t of_domain) {
  ids.push_back(id);
  position.push_back(place);
  example.push_back(example_number);
  domain.push_back(of_domain);
}

void PackedSequences::add(int64_t example_number, std::span<const int32_t> sequence, int32_t of_domain) {
  int32_t place = 0;
  for (int32_t id : sequence) append(example_number, id, place++, of_domain);
  offsets.push_back(static_cast<int32_t>(ids.size()));
}

void PackedSequences::add_shifted(int64_t example_number, int32_t first, std::span<const int32_t> sequence,
                                  int32_t of_domain) {
  int32_t place = 0;
  if (!sequence.empty()) append(example_number, first, place++, of_domain);
  for (size_t i = 0; i + 1 < sequence.size(); ++i) append(example_number, sequence[i], place++, of_domain);
  offsets.push_back(static_cast<int32_t>(ids.size()));
}

void PackedSequences::add_copy(const PackedSequences& from, int64_t i, int64_t more) {
  const auto begin = static_cast<size_t>(from.offsets[static_cast<size_t>(i)]),
             end = static_cast<size_t>(from.offsets[static_cast<size_t>(i) + 1]);
  for (size_t t = begin; t < end; ++t) {
    append(from.example[t] + more, from.ids[t], from.position[t], from.domain[t]);
    if (!from.document.empty()) document.push_back(int32_t{from.document[t]});
  }
  offsets.push_back(static_cast<int32_t>(ids.size()));
}

void PackedSequences::join(int64_t first) {
  HEDDLE_CHECK(first < sequences() && std::ssize(document) == offsets[static_cast<size_t>(first)],
               "{} sequences cannot be joined from {} on: {} of {} ids before are of documents", sequences(), first,
               document.size(), offsets[static_cast<size_t>(first)]);
  for (int64_t i = first; i < sequences(); ++i)
    document.resize(static_cast<size_t>(offsets[static_cast<size_t>(i) + 1]), static_cast<int32_t>(i - first));
  offsets.erase(offsets.begin() + first + 1, offsets.end() - 1);
}

PackedSequences padded(const PackedSequences& packed, int64_t width, int32_t pad_id) {
  HEDDLE_CHECK(packed.document.empty(), "sequences of several documents are not padded");
  PackedSequences rectangle;
  std::vector<int32_t> row;
  for (int64_t i = 0; i < packed.sequences(); ++i) {
    const std::span<const int32_t> sequence = packed.sequence(i);
    HEDDLE_CHECK(std::ssize(sequence) <= width, "a sequence of {} ids does not fit into {}", sequence.size(), width);
    row.assign(sequence.begin(), sequence.end());
    row.resize(static_cast<size_t>(width), pad_id);
    const auto begin = static_cast<size_t>(packed.offsets[static_cast<size_t>(i)]);
    rectangle.add(sequence.empty() ? 0 : packed.example[begin], row,
                  sequence.empty() ? kNoDomain : packed.domain[begin]);
    rectangle.length.push_back(packed.rows().real_rows(i));
  }
  return rectangle;
}

void TranslationBatch::clear() {
  source.clear();
  target_in.clear();
  target_out.clear();
}

void repeat(TranslationBatch& batch) {
  for (PackedSequences* packed : {&batch.source, &batch.target_in, &batch.target_out}) repeat_sequences(*packed);
}

void split(const TranslationBatch& batch, int64_t parts, std::vector<TranslationBatch>& pieces) {
  HEDDLE_CHECK(parts > 0, "a batch cannot be split into {} parts", parts);
  const int64_t examples = batch.target_out.sequences();
  parts = std::min(parts, examples);
  pieces.resize(static_cast<size_t>(parts));
  int64_t first = 0;
  for (int64_t p = 0; p < parts; ++p) {
    const int64_t goal = batch.target_out.tokens() * (p + 1) / parts;
    const int64_t most = examples - (parts - 1 - p);  // one is left for each piece to come
    int64_t last = first + 1;
    while (last < most && batch.target_out.offsets[static_cast<size_t>(last)] < goal) ++last;
    if (p + 1 == parts) last = examples;
    TranslationBatch& piece = pieces[static_cast<size_t>(p)];
    append_run(batch.source, first, last, piece.source);
    append_run(batch.target_in, first, last, piece.target_in);
    append_run(batch.target_out, first, last, piece.target_out);
    first = last;
  }
}

}  // namespace heddle::data
