#include "heddle/text/post_processors/sequence.h"

namespace heddle::text {

size_t PostProcessorSequence::added_tokens(bool pair) const {
  size_t count = 0;
  for (const PostProcessorPtr& processor : processors_) count += processor->added_tokens(pair);
  return count;
}

std::vector<Encoding> PostProcessorSequence::process(std::vector<Encoding> parts, bool add_special_tokens) const {
  for (const PostProcessorPtr& processor : processors_)
    parts = processor->process(std::move(parts), add_special_tokens);
  return parts;
}

void PostProcessorSequence::write(JsonWriter& json) const {
  json.member("type", "Sequence");
  json.key("processors");
  json.begin_list();
  for (const PostProcessorPtr& processor : processors_) {
    json.begin_object();
    processor->write(json);
    json.end_object();
  }
  json.end_list();
}

}  // namespace heddle::text
