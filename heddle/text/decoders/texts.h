#pragma once
// Decoders that change texts: replacing, stripping, joining, "▁" back to spaces.

#include "heddle/text/decoders/decoder.h"
#include "heddle/text/pattern.h"
#include "heddle/text/pre_tokenizers/metaspace.h"

namespace heddle::text {

// The replacement becomes a space; in the first token it goes, unless the pre-tokenizer puts none there.
class MetaspaceDecoder : public Decoder {
 public:
  explicit MetaspaceDecoder(MetaspaceOptions options) : options_(options) {}
  std::vector<std::string> decode(std::vector<std::string> tokens) const override;
  void write(JsonWriter& json) const override { write_metaspace(json, options_); }

 private:
  MetaspaceOptions options_;
};

class ReplaceDecoder : public Decoder {
 public:
  ReplaceDecoder(Pattern pattern, std::string content) : pattern_(std::move(pattern)), content_(std::move(content)) {}
  std::vector<std::string> decode(std::vector<std::string> tokens) const override;
  void write(JsonWriter& json) const override;

 private:
  Pattern pattern_;
  std::string content_;
};

// Takes up to `start` of a character off the beginning of each token, and up to `stop` off its end.
class StripDecoder : public Decoder {
 public:
  StripDecoder(int32_t content, size_t start, size_t stop) : content_(content), start_(start), stop_(stop) {}
  std::vector<std::string> decode(std::vector<std::string> tokens) const override;
  void write(JsonWriter& json) const override;

 private:
  int32_t content_;
  size_t start_, stop_;
};

// All tokens become one.
class FuseDecoder : public Decoder {
 public:
  std::vector<std::string> decode(std::vector<std::string> tokens) const override;
  void write(JsonWriter& json) const override;
};

// One decoder after the other.
class DecoderSequence : public Decoder {
 public:
  explicit DecoderSequence(std::vector<DecoderPtr> decoders) : decoders_(std::move(decoders)) {}
  std::vector<std::string> decode(std::vector<std::string> tokens) const override;
  void write(JsonWriter& json) const override;

 private:
  std::vector<DecoderPtr> decoders_;
};

}  // namespace heddle::text
