#pragma once
// A small tokenizer for tests of what holds with any vocabulary.

#include "heddle/text/tokenizer.h"

namespace heddle::text {

inline BpeVocabulary trained_vocabulary() {
  BpeTrainer trainer;
  for (int i = 0; i < 20; ++i)
    trainer.add_line(
        "the weaver weaves the warp aaaa aaaaaaaa        über die Größe 12 1234 \xF0\x9F\xA7\xB5 "
        "織機");
  return trainer.train({.vocab_size = 310, .min_frequency = 2, .special_tokens = default_special_tokens()});
}

inline Tokenizer trained_tokenizer() { return Tokenizer::from_vocabulary(trained_vocabulary(), 4); }

}  // namespace heddle::text
