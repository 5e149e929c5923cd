#include "heddle/text/normalizers/sequence.h"

namespace heddle::text {

void NormalizerSequence::apply(AlignedText& text) const {
  for (const NormalizerPtr& normalizer : normalizers_) normalizer->apply(text);
}

void NormalizerSequence::write(JsonWriter& json) const {
  json.member("type", "Sequence");
  json.key("normalizers");
  json.begin_list();
  for (const NormalizerPtr& normalizer : normalizers_) {
    json.begin_object();
    normalizer->write(json);
    json.end_object();
  }
  json.end_list();
}

}  // namespace heddle::text
