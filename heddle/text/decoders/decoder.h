#pragma once
// The way back: tokens become text. Each decoder turns a list of token texts into another, which in the end is joined.

#include <memory>
#include <string>
#include <vector>

#include "heddle/text/json/json_view.h"
#include "heddle/text/json/json_writer.h"

namespace heddle::text {

class Decoder {
 public:
  virtual ~Decoder() = default;
  virtual std::vector<std::string> decode(std::vector<std::string> tokens) const = 0;
  // Its members in tokenizer.json, "type" first; the caller writes the braces.
  virtual void write(JsonWriter& json) const = 0;
};

using DecoderPtr = std::shared_ptr<const Decoder>;

// The decoder that stands at `json`. Throws InputError for a kind that is not known.
DecoderPtr read_decoder(const JsonView& json);

}  // namespace heddle::text
