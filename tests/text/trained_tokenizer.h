#pragma once
// A small tokenizer for tests of what holds with any vocabulary.

#include "heddle/text/tokenizer.h"
#include "heddle/text/trainers/tokenizer_trainer.h"

namespace heddle::text {

inline Tokenizer trained_tokenizer() {
  TokenizerTrainer trainer({.vocab_size = 310});
  for (int i = 0; i < 20; ++i)
    trainer.add(
        "the weaver weaves the warp aaaa aaaaaaaa        über die Größe 12 1234 \xF0\x9F\xA7\xB5 "
        "織機");
  return trainer.train();
}

}  // namespace heddle::text
