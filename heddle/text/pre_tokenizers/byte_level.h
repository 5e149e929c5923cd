#pragma once
// GPT-2's way to cut: by its pattern, with every byte a character of its own afterwards.

#include "heddle/text/pre_tokenizers/pre_tokenizer.h"

namespace heddle::text {

struct ByteLevelOptions {
  bool add_prefix_space = true;  // before a piece that does not begin with one
  bool trim_offsets = true;      // for the post-processor of the same name; kept when written
  bool use_regex = true;         // off: only the bytes become characters
};

class ByteLevel : public PreTokenizer {
 public:
  explicit ByteLevel(ByteLevelOptions options = {}) : options_(options) {}
  void apply(Pieces& pieces) const override;
  void write(JsonWriter& json) const override;

 private:
  ByteLevelOptions options_;
};

ByteLevelOptions read_byte_level(const JsonView& json);
void write_byte_level(JsonWriter& json, const ByteLevelOptions& options);

}  // namespace heddle::text
