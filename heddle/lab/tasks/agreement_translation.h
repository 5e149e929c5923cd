#pragma once
// A small language whose translation depends on three things, each on other words than the last:
//
//   source:  topic w1 w2 … wn end
//   target:  opening t1 t2 … tn closing
//
// A plain word has one translation: it depends on that source word alone. An ambiguous word has two, chosen by the
// topic, another word of the source. The opening is either of two, at random, and the closing must agree with it: on
// another word of the target, which no source foretells.

#include <string>
#include <vector>

#include "heddle/base/random.h"
#include "heddle/data/packed_batch.h"

namespace heddle::lab {

struct AgreementTranslation {
  enum class Kind : uint8_t { opening, plain, ambiguous, closing };

  int plain = 16, ambiguous = 8;  // words of the source language
  int shortest = 4, longest = 8;  // words of a source

  static constexpr int32_t kStart = 0, kEnd = 1, kTopic = 2, kOpening = 4, kClosing = 6, kFirstWord = 8;
  int64_t vocab() const { return kFirstWord + 2 * plain + 3 * ambiguous; }
  // "topic 1", "p3" and "a0" for the source's words, "P3", "A0 of 1" for their translations.
  std::string name(int32_t id) const;

  struct Batch {
    data::TranslationBatch tokens;
    std::vector<Kind> kinds;  // [target tokens]
  };
  Batch batch(RandomStream& random, int64_t sequences) const;
};

}  // namespace heddle::lab
