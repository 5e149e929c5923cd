#pragma once
// A sequence by template: special tokens and texts in any order, each with its type.

#include <map>
#include <string>
#include <vector>

#include "heddle/text/post_processors/post_processor.h"

namespace heddle::text {

class TemplateProcessing : public PostProcessor {
 public:
  // A special token, or (special empty) the first or second text.
  struct Item {
    std::string special;
    bool second = false;
    int32_t type_id = 0;
  };
  // What a special token of the template stands for; often one token, itself.
  struct Special {
    std::vector<int32_t> ids;
    std::vector<std::string> tokens;  // as many
  };

  // Throws InputError for a special token that `specials` lacks, or a single template that asks for a second text.
  TemplateProcessing(std::vector<Item> single, std::vector<Item> pair, std::map<std::string, Special> specials);
  // `before` text `after`, and for a pair `before` first `after` second `after`.
  static PostProcessorPtr around(const std::vector<std::pair<std::string, int32_t>>& before,
                                 const std::vector<std::pair<std::string, int32_t>>& after);

  size_t added_tokens(bool pair) const override;
  std::vector<Encoding> process(std::vector<Encoding> parts, bool add_special_tokens) const override;
  void write(JsonWriter& json) const override;

 private:
  std::vector<Item> single_, pair_;
  std::map<std::string, Special> specials_;
};

PostProcessorPtr read_template(const JsonView& json);

}  // namespace heddle::text
