// Any bytes as a tokenizer.json: a sentence, or a tokenizer that encodes, decodes, and survives
// writing and reading.

#include <cstdlib>
#include <string_view>

#include "heddle/base/error.h"
#include "heddle/base/utf8.h"
#include "heddle/text/models/bpe.h"
#include "heddle/text/tokenizer.h"

using heddle::text::Tokenizer;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  try {
    const Tokenizer tokenizer = Tokenizer::from_json(json, "fuzz");
    const std::string text =
        "The weaver's Größe <s> 12 \xF0\x9F\xA7\xB5  abab aaaa\n" + std::string(json.substr(0, 200));
    const auto ids = tokenizer.encode(text);
    if (!heddle::is_valid_utf8(tokenizer.decode(ids)) || !heddle::is_valid_utf8(tokenizer.decode(ids, false)))
      std::abort();
    const Tokenizer again = Tokenizer::from_json(tokenizer.to_json(), "written");
    const auto* bpe = dynamic_cast<const heddle::text::Bpe*>(tokenizer.parts().model.get());
    const bool draws = bpe && bpe->options().dropout > 0;
    if (!draws && again.encode(text) != ids) std::abort();
    if (!draws && tokenizer.encode_full(text).ids != ids) std::abort();
  } catch (const heddle::InputError&) {
  }
  return 0;
}
