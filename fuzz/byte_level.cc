// Any bytes as text: cut, encoded and decoded again by a small trained tokenizer.

#include <cstdlib>
#include <string>
#include <string_view>

#include "heddle/base/error.h"
#include "heddle/base/utf8.h"
#include "heddle/text/byte_level.h"
#include "heddle/text/pre_tokenizers/known_patterns.h"
#include "heddle/text/trainers/tokenizer_trainer.h"

using namespace heddle::text;

namespace {

// One that knows no special tokens, so that all text comes back.
const Tokenizer& tokenizer() {
  static const Tokenizer trained = [] {
    TokenizerTrainer trainer({.vocab_size = 290});
    for (int i = 0; i < 4; ++i) trainer.add("the weaver's aaaa abab     über Größe 12 1234 \xF0\x9F\xA7\xB5");
    TokenizerParts parts = trainer.train().parts();
    parts.added_tokens.clear();
    parts.post_processor = nullptr;
    return Tokenizer(parts);
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
  std::vector<uint32_t> begins;
  split_gpt2(text, 0, begins);
  check(begins.empty() == text.empty());
  for (size_t i = 0; i < begins.size(); ++i) check(i == 0 ? begins[i] == 0 : begins[i] > begins[i - 1]);
  if (!text.empty()) check(begins.back() < text.size());
  const auto ids = tokenizer().encode(bytes);
  check(tokenizer().decode(ids) == text && tokenizer().encode(text) == ids);
  if (!text.empty()) {
    TokenizerTrainer trainer({.vocab_size = 263, .min_frequency = 1});
    trainer.add(text);
    try {
      trainer.train();
    } catch (const heddle::InputError&) {  // too little text
    }
  }
  return 0;
}
