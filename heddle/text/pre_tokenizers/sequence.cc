#include "heddle/text/pre_tokenizers/sequence.h"

#include <algorithm>

namespace heddle::text {

void PreTokenizerSequence::apply(Pieces& pieces) const {
  for (const PreTokenizerPtr& pre_tokenizer : pre_tokenizers_) pre_tokenizer->apply(pieces);
}

void PreTokenizerSequence::write(JsonWriter& json) const {
  json.member("type", "Sequence");
  json.key("pretokenizers");
  json.begin_list();
  for (const PreTokenizerPtr& pre_tokenizer : pre_tokenizers_) {
    json.begin_object();
    pre_tokenizer->write(json);
    json.end_object();
  }
  json.end_list();
}

bool PreTokenizerSequence::needs_origins() const {
  return std::ranges::any_of(pre_tokenizers_, [](const PreTokenizerPtr& part) { return part->needs_origins(); });
}

}  // namespace heddle::text
