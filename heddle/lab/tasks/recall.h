#pragma once
// Key→value recall: a source of facts, each one token that has a key and a value; a target that
// names keys and wants their values.
//
// It asks of attention what attention is for: find the place by one content, read another from it.

#include "heddle/base/random.h"
#include "heddle/data/packed_batch.h"

namespace heddle::lab {

struct RecallTask {
  int keys = 8, values = 8;
  int facts = 6;    // of different keys, in one source
  int queries = 6;  // keys asked for in one target, different
  int copies = 1;   // of every fact, in random places

  // Tokens: keys, then values, then facts.
  int64_t vocab() const { return keys + values + keys * values; }
  int32_t value_token(int value) const { return keys + value; }
  int32_t fact_token(int key, int value) const { return keys + values + key * values + value; }
};

struct RecallBatch {
  data::TranslationBatch tokens;
  // Of every target token, the places in its source that hold the wanted fact, in order:
  // [target tokens · copies].
  std::vector<int32_t> places;
};

RecallBatch recall_batch(const RecallTask& task, RandomStream& random, int64_t sequences);

}  // namespace heddle::lab
