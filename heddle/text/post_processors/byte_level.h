#pragma once
// Offsets of byte-level tokens without the white space that a token begins or ends with.

#include "heddle/text/post_processors/post_processor.h"
#include "heddle/text/pre_tokenizers/byte_level.h"

namespace heddle::text {

// Moves the offsets of `encoding` and of what overflowed past white space, written "Ġ" or as it is. A first token's
// only space stays when a space was put there (add_prefix_space).
void trim_offsets(Encoding& encoding, bool add_prefix_space);

class ByteLevelProcessor : public PostProcessor {
 public:
  explicit ByteLevelProcessor(ByteLevelOptions options) : options_(options) {}
  size_t added_tokens(bool) const override { return 0; }
  std::vector<Encoding> process(std::vector<Encoding> parts, bool add_special_tokens) const override;
  void write(JsonWriter& json) const override { write_byte_level(json, options_); }

 private:
  ByteLevelOptions options_;
};

}  // namespace heddle::text
