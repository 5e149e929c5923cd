#pragma once
// One post-processor after the other.

#include "heddle/text/post_processors/post_processor.h"

namespace heddle::text {

class PostProcessorSequence : public PostProcessor {
 public:
  explicit PostProcessorSequence(std::vector<PostProcessorPtr> processors) : processors_(std::move(processors)) {}
  size_t added_tokens(bool pair) const override;
  std::vector<Encoding> process(std::vector<Encoding> parts, bool add_special_tokens) const override;
  void write(JsonWriter& json) const override;

 private:
  std::vector<PostProcessorPtr> processors_;
};

}  // namespace heddle::text
