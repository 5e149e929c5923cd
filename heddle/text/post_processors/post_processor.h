#pragma once
// The fourth step of the pipeline: the tokens of one text, or of a pair, become one sequence with special tokens
// around.

#include <memory>
#include <vector>

#include "heddle/text/encoding.h"
#include "heddle/text/json/json_view.h"
#include "heddle/text/json/json_writer.h"

namespace heddle::text {

class PostProcessor {
 public:
  virtual ~PostProcessor() = default;
  // How many special tokens a single text, or a pair, gets.
  virtual size_t added_tokens(bool pair) const = 0;
  // One encoding per part of the sequence, to be appended to each other in the end; at first one per text.
  virtual std::vector<Encoding> process(std::vector<Encoding> parts, bool add_special_tokens) const = 0;
  // Its members in tokenizer.json, "type" first; the caller writes the braces.
  virtual void write(JsonWriter& json) const = 0;
};

using PostProcessorPtr = std::shared_ptr<const PostProcessor>;

// The post-processor that stands at `json`. Throws InputError for a kind that is not known.
PostProcessorPtr read_post_processor(const JsonView& json);

}  // namespace heddle::text
