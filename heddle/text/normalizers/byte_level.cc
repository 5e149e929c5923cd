#include "heddle/text/normalizers/byte_level.h"

#include "heddle/text/byte_level.h"

namespace heddle::text {

void ByteLevelNormalizer::apply(AlignedText& text) const {
  Rewrite out(text);
  while (!out.at_end()) bytes_to_characters(out);
  out.finish();
}

void ByteLevelNormalizer::write(JsonWriter& json) const { json.member("type", "ByteLevel"); }

}  // namespace heddle::text
