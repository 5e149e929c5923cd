// Any bytes as text: cut, encoded and decoded again by a small trained tokenizer.

#include <cstdlib>
#include <string>
#include <string_view>

#include "heddle/base/error.h"
#include "heddle/base/utf8.h"
#include "heddle/text/byte_level.h"
#include "heddle/text/pre_tokenizers/known_patterns.h"
#include "heddle/text/tokenizer.h"

using namespace heddle::text;

namespace {

// One that knows no special tokens, so that all text comes back.
const Tokenizer& tokenizer() {
  static const Tokenizer trained = [] {
    BpeTrainer trainer;
    for (int i = 0; i < 4; ++i) trainer.add_line("the weaver's aaaa abab     über Größe 12 1234 \xF0\x9F\xA7\xB5");
    return Tokenizer::from_vocabulary(trainer.train({.vocab_size = 290, .min_frequency = 2, .special_tokens = {}}), 0);
  }();
  return trained;
}

void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check(characters_to_bytes(bytes_to_characters(bytes)) == bytes);
  const std::string text = heddle::repair_utf8(bytes);
  check(heddle::is_valid_utf8(text) && heddle::repair_utf8(text) == text);
  check(heddle::is_valid_utf8(bytes) == (text == bytes));
  size_t covered = 0;
  std::vector<Piece> pieces;
  split_gpt2(text, 0, pieces);
  for (const Piece& piece : pieces) {
    check(piece.begin == covered && piece.end > piece.begin);
    covered = piece.end;
  }
  check(covered == text.size());
  const auto ids = tokenizer().encode(bytes);
  check(tokenizer().decode(ids) == text && tokenizer().encode(text) == ids);
  if (!text.empty()) {
    BpeTrainer trainer;
    trainer.add_line(text);
    try {
      trainer.train({.vocab_size = 260, .min_frequency = 1, .special_tokens = {"<s>"}});
    } catch (const heddle::InputError&) {  // too little text
    }
  }
  return 0;
}
