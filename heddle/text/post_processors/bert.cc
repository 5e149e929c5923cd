#include "heddle/text/post_processors/bert.h"

#include "heddle/text/post_processors/byte_level.h"

namespace heddle::text {
namespace {

// `part`, and what overflowed of it, between special tokens; before may be null.
Encoding between(const SpecialToken* before, Encoding part, const SpecialToken& after, int32_t type_id) {
  Encoding result;
  std::vector<Encoding> overflowing = std::move(part.overflowing);
  part.overflowing.clear();
  if (before) result.push_special(before->id, before->token, type_id);
  part.special_mask.assign(part.size(), 0);
  result.append(part);
  result.push_special(after.id, after.token, type_id);
  for (Encoding& overflow : overflowing)
    result.overflowing.push_back(between(before, std::move(overflow), after, type_id));
  return result;
}

void write_special(JsonWriter& json, const char* key, const SpecialToken& special) {
  json.key(key);
  json.begin_list(true);
  json.value(special.token);
  json.value(special.id);
  json.end_list();
}

}  // namespace

std::vector<Encoding> BertProcessing::process(std::vector<Encoding> parts, bool add_special_tokens) const {
  if (!add_special_tokens) return parts;
  for (size_t i = 0; i < parts.size(); ++i)
    parts[i] = between(i == 0 ? &cls_ : nullptr, std::move(parts[i]), sep_, i == 0 ? 0 : 1);
  return parts;
}

void BertProcessing::write(JsonWriter& json) const {
  json.member("type", "BertProcessing");
  write_special(json, "sep", sep_);
  write_special(json, "cls", cls_);
}

std::vector<Encoding> RobertaProcessing::process(std::vector<Encoding> parts, bool add_special_tokens) const {
  for (Encoding& part : parts) {
    if (trim_offsets_) trim_offsets(part, add_prefix_space_);
    part.set_type(0);
    if (add_special_tokens)
      for (Encoding& overflow : part.overflowing) overflow.set_type(0);
  }
  if (!add_special_tokens) return parts;
  for (size_t i = 0; i < parts.size(); ++i) parts[i] = between(i == 0 ? &cls_ : &sep_, std::move(parts[i]), sep_, 0);
  return parts;
}

void RobertaProcessing::write(JsonWriter& json) const {
  json.member("type", "RobertaProcessing");
  write_special(json, "sep", sep_);
  write_special(json, "cls", cls_);
  json.member("trim_offsets", trim_offsets_);
  json.member("add_prefix_space", add_prefix_space_);
}

}  // namespace heddle::text
