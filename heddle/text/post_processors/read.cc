// Which kind stands at a "post_processor" of a tokenizer.json, made from its members.

#include "heddle/text/json/part_kinds.h"
#include "heddle/text/post_processors/bert.h"
#include "heddle/text/post_processors/byte_level.h"
#include "heddle/text/post_processors/sequence.h"
#include "heddle/text/post_processors/template.h"

namespace heddle::text {
namespace {

// ["[SEP]", 102]
SpecialToken read_special(const JsonView& json) {
  return {json.item(0).text(), static_cast<int32_t>(json.item(1).integer(0, INT32_MAX))};
}

PostProcessorPtr read_bert_processing(const JsonView& json) {
  return std::make_shared<BertProcessing>(read_special(json.at("sep")), read_special(json.at("cls")));
}

PostProcessorPtr read_roberta(const JsonView& json) {
  return std::make_shared<RobertaProcessing>(read_special(json.at("sep")), read_special(json.at("cls")),
                                             json.flag_or("trim_offsets", true),
                                             json.flag_or("add_prefix_space", true));
}

PostProcessorPtr read_post_processor_sequence(const JsonView& json) {
  const JsonView list = json.at("processors");
  std::vector<PostProcessorPtr> parts;
  for (size_t i = 0; i < list.size(); ++i) {
    parts.push_back(read_post_processor(list.item(i)));
    // A second template would be given the parts of the first, of which it can make nothing.
    if (i > 0 && list.item(i).type() == "TemplateProcessing" && list.item(i - 1).type() != "ByteLevel")
      list.item(i).fail("a template must come first in a sequence, or after ByteLevel");
  }
  return std::make_shared<PostProcessorSequence>(std::move(parts));
}

}  // namespace

PostProcessorPtr read_post_processor(const JsonView& json) {
  static const PartKinds<PostProcessorPtr> kinds(
      "post-processor",
      {{"BertProcessing", read_bert_processing},
       {"ByteLevel", [](const JsonView& j) { return std::make_shared<ByteLevelProcessor>(read_byte_level(j)); }},
       {"RobertaProcessing", read_roberta},
       {"Sequence", read_post_processor_sequence},
       {"TemplateProcessing", read_template}});
  return kinds.read(json);
}

}  // namespace heddle::text
