#pragma once
// A random packed batch of token ids, for tests of whole models.

#include <vector>

#include "heddle/base/random.h"
#include "heddle/model/encoder_decoder.h"

namespace heddle::model {

struct TinyStream {
  std::vector<int32_t> ids, offsets{0}, position, domain;
  std::vector<int64_t> example;

  // Of domain 0, 1 or 2, or of none that is known.
  void add(int64_t example_number, const std::vector<int32_t>& sequence) {
    for (size_t i = 0; i < sequence.size(); ++i) {
      ids.push_back(sequence[i]);
      example.push_back(example_number);
      position.push_back(static_cast<int32_t>(i));
      domain.push_back(static_cast<int32_t>(example_number % 4) - 1);
    }
    offsets.push_back(static_cast<int32_t>(ids.size()));
  }
  Rows rows() const { return {.offsets = offsets, .example = example, .position = position, .domain = domain}; }
  TokenStream stream() const { return {ids, rows()}; }
};

struct TinyBatch {
  TinyStream source, target_in, target_out;

  void add(int64_t number, const std::vector<int32_t>& from, const std::vector<int32_t>& to) {
    std::vector<int32_t> in = {1};
    in.insert(in.end(), to.begin(), to.end() - 1);
    source.add(number, from);
    target_in.add(number, in);
    target_out.add(number, to);
  }
};

inline std::vector<int32_t> random_ids(RandomStream& random, int length, int vocab) {
  std::vector<int32_t> ids(static_cast<size_t>(length));
  for (int32_t& id : ids) id = static_cast<int32_t>(random.below(static_cast<uint64_t>(vocab)));
  return ids;
}

inline TinyBatch random_batch(RandomStream& random, int sequences, int vocab, int64_t first_number = 0) {
  TinyBatch batch;
  for (int i = 0; i < sequences; ++i)
    batch.add(first_number + i, random_ids(random, 1 + static_cast<int>(random.below(7)), vocab),
              random_ids(random, 1 + static_cast<int>(random.below(6)), vocab));
  return batch;
}

// The training loss of a batch; scaled by `scale`.
inline ops::OutputLoss batch_loss(const EncoderDecoder& model, const nn::Pass& pass, const TinyBatch& batch,
                                  double scale = 1.0, double smoothing = 0.1) {
  Tensor memory;
  Rows memory_rows;
  if (model.has_encoder()) {
    memory = model.encode(pass, batch.source.stream());
    memory_rows = batch.source.rows();
  }
  return model.training_loss(pass, batch.target_in.stream(), memory, memory_rows, batch.target_out.ids,
                             {.smoothing = smoothing, .scale = scale});
}

}  // namespace heddle::model
