// A tokenizer and a text from one input: a sentence, or ids that are the same by all ways to ask for them, offsets
// within the text, and text again.
//
// The first byte says how the tokenizer is written, the next two (little-endian) how long it is; then it stands itself,
// and what is left is the text.

#include <cstdlib>
#include <string_view>

#include "heddle/base/error.h"
#include "heddle/base/utf8.h"
#include "heddle/text/formats/sentencepiece.h"
#include "heddle/text/formats/tiktoken.h"
#include "heddle/text/formats/vocab_and_merges.h"
#include "heddle/text/formats/vocab_txt.h"
#include "heddle/text/json/base64.h"
#include "heddle/text/models/bpe.h"

namespace {

using heddle::text::Offsets;
using heddle::text::Tokenizer;

void check(bool holds) {
  if (!holds) std::abort();
}

// All bytes, and what the input adds: lines of a rank file.
std::string ranks(std::string_view more) {
  std::string text;
  for (int byte = 0; byte < 256; ++byte)
    text += heddle::text::to_base64(std::string(1, static_cast<char>(byte))) + " " + std::to_string(byte) + "\n";
  return text.append(more);
}

Tokenizer read(uint8_t kind, std::string_view bytes) {
  const auto& encodings = heddle::text::tiktoken_encodings();
  switch (kind % 8) {
    case 0: return Tokenizer::from_json(bytes, "fuzz");
    case 1: return heddle::text::tokenizer_of_sentencepiece(bytes, "fuzz");
    case 2: return heddle::text::tokenizer_of_vocab_txt(bytes, "fuzz", std::nullopt);
    case 3: {  // vocab.json, a zero byte, merges.txt
      const size_t zero = std::min(bytes.find('\0'), bytes.size());
      return heddle::text::tokenizer_of_vocab_and_merges({bytes.substr(0, zero), "fuzz"},
                                                         {bytes.substr(std::min(zero + 1, bytes.size())), "fuzz"});
    }
    default: {
      const auto& encoding = encodings[kind / 8 % encodings.size()];
      return heddle::text::tokenizer_of_tiktoken(kind % 8 < 6 ? ranks(bytes) : bytes, "fuzz", encoding.name, {});
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 3, size - 3);
  const size_t length = std::min<size_t>(data[1] | data[2] << 8, rest.size());
  const std::string text(rest.substr(length)), valid = heddle::repair_utf8(text);
  try {
    const Tokenizer tokenizer = read(data[0], rest.substr(0, length));
    const auto ids = tokenizer.encode(text);
    const auto* bpe = dynamic_cast<const heddle::text::Bpe*>(tokenizer.parts().model.get());
    if (bpe && bpe->options().dropout > 0) return 0;
    check(tokenizer.encode(text) == ids && tokenizer.encode(valid) == ids);  // the second time from memory
    const auto full = tokenizer.encode_full(text);
    check(full.ids == ids);
    if (data[0] % 8 != 0)  // those of a tokenizer.json follow the peer wherever it goes
      for (const Offsets& place : full.offsets)
        check(place.begin >= 0 && place.begin <= place.end && place.end <= std::ssize(valid));
    check(heddle::is_valid_utf8(tokenizer.decode(ids)));
    if (data[0] % 8 >= 4) check(tokenizer.decode(ids) == valid);
  } catch (const heddle::InputError& error) {
    check(std::string_view(error.what()).size() > 10);
  }
  return 0;
}
