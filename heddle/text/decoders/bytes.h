#pragma once
// Decoders of bytes: byte-level characters, and tokens such as "<0xE2>".

#include "heddle/text/decoders/decoder.h"
#include "heddle/text/pre_tokenizers/byte_level.h"

namespace heddle::text {

// The byte of "<0xE2>"; -1: the token is none such.
int byte_of_fallback(std::string_view token);

// Tokens made of byte-level characters alone become their bytes, all are joined, and what is no UTF-8 becomes U+FFFD.
class ByteLevelDecoder : public Decoder {
 public:
  explicit ByteLevelDecoder(ByteLevelOptions options = {}) : options_(options) {}
  std::vector<std::string> decode(std::vector<std::string> tokens) const override;
  void write(JsonWriter& json) const override { write_byte_level(json, options_); }

 private:
  ByteLevelOptions options_;  // kept when written
};

// A run of byte tokens becomes its text, or as many U+FFFD when it is no UTF-8.
class ByteFallbackDecoder : public Decoder {
 public:
  std::vector<std::string> decode(std::vector<std::string> tokens) const override;
  void write(JsonWriter& json) const override;
};

}  // namespace heddle::text
