#pragma once
// The second step of the pipeline: a text is cut into pieces, which the model then reads one by one.

#include <memory>

#include "heddle/text/json/json_view.h"
#include "heddle/text/json/json_writer.h"
#include "heddle/text/pieces.h"

namespace heddle::text {

class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  virtual void apply(Pieces& pieces) const = 0;
  // Its members in tokenizer.json, "type" first; the caller writes the braces.
  virtual void write(JsonWriter& json) const = 0;
  // Whether it must know where a piece came from, so that the text is tracked even when only ids are asked for.
  virtual bool needs_origins() const { return false; }
};

using PreTokenizerPtr = std::shared_ptr<const PreTokenizer>;

// The pre-tokenizer that stands at `json`. Throws InputError for a kind that is not known.
PreTokenizerPtr read_pre_tokenizer(const JsonView& json);

}  // namespace heddle::text
