#pragma once
// SentencePiece's way to cut (Kudo and Richardson 2018): a space is a visible character, "▁", that a word begins with.

#include "heddle/text/pre_tokenizers/pre_tokenizer.h"

namespace heddle::text {

enum class PrependScheme { first, never, always };

struct MetaspaceOptions {
  int32_t replacement = 0x2581;                   // ▁
  PrependScheme prepend = PrependScheme::always;  // before which pieces a replacement is put; first: the text's first
  bool split = true;                              // off: only the spaces change
};

class Metaspace : public PreTokenizer {
 public:
  explicit Metaspace(MetaspaceOptions options);
  void apply(Pieces& pieces) const override;
  void write(JsonWriter& json) const override;
  bool needs_origins() const override { return options_.prepend == PrependScheme::first; }

 private:
  MetaspaceOptions options_;
  std::string replacement_;
};

// Shared with the decoder of the same name.
MetaspaceOptions read_metaspace(const JsonView& json);
void write_metaspace(JsonWriter& json, const MetaspaceOptions& options);

}  // namespace heddle::text
