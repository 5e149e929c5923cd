// Any bytes as a SentencePiece .model: a sentence, or a tokenizer that encodes, decodes, and survives being saved as a
// tokenizer.json.

#include <cstdlib>
#include <string_view>

#include "heddle/base/error.h"
#include "heddle/base/utf8.h"
#include "heddle/text/formats/sentencepiece.h"

using heddle::text::Tokenizer;

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    const Tokenizer tokenizer = heddle::text::tokenizer_of_sentencepiece(bytes, "fuzz");
    // The model's own bytes are a text that holds its pieces.
    const std::string text = "The weaver's  Größe <s> \xE2\x96\x81 12 \xF0\x9F\xA7\xB5 abab aaaa\n " +
                             heddle::repair_utf8(bytes.substr(0, 400));
    const auto ids = tokenizer.encode(text);
    check(tokenizer.encode_full(text).ids == ids);
    check(heddle::is_valid_utf8(tokenizer.decode(ids)) && heddle::is_valid_utf8(tokenizer.decode(ids, false)));
    const std::string json = tokenizer.to_json();
    const Tokenizer again = Tokenizer::from_json(json, "written");
    check(again.encode(text) == ids && again.to_json() == json);
  } catch (const heddle::InputError& error) {
    check(std::string_view(error.what()).starts_with("fuzz: ") || std::string_view(error.what()).size() > 20);
  }
  return 0;
}
