#pragma once
// The first step of the pipeline: a text is changed as a whole (letters made small, accents taken off, …).

#include <memory>

#include "heddle/text/aligned_text.h"
#include "heddle/text/json/json_view.h"
#include "heddle/text/json/json_writer.h"

namespace heddle::text {

class Normalizer {
 public:
  virtual ~Normalizer() = default;
  virtual void apply(AlignedText& text) const = 0;
  // Its members in tokenizer.json, "type" first; the caller writes the braces.
  virtual void write(JsonWriter& json) const = 0;
};

using NormalizerPtr = std::shared_ptr<const Normalizer>;

// The normalizer that stands at `json`. Throws InputError for a kind that is not known.
NormalizerPtr read_normalizer(const JsonView& json);

}  // namespace heddle::text
