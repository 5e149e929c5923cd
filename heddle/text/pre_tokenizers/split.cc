#include "heddle/text/pre_tokenizers/split.h"

namespace heddle::text {

Split::Split(Pattern pattern, SplitBehavior behavior, bool invert)
    : pattern_(std::move(pattern)), behavior_(behavior), invert_(invert) {
  if (pattern_.is_regex() && behavior == SplitBehavior::isolated) by_hand_ = known_split(pattern_.content());
}

void Split::apply(Pieces& pieces) const {
  if (by_hand_) return pieces.split_by(by_hand_);
  pieces.split([this](std::string_view text, auto& emit) {
    Cutter<std::remove_reference_t<decltype(emit)>> cutter(behavior_, emit);
    size_t last = 0;
    pattern_.find_all(text, [&](size_t begin, size_t end) {
      if (last != begin) cutter.push(last, begin, invert_);
      cutter.push(begin, end, !invert_);
      last = end;
    });
    if (last != text.size()) cutter.push(last, text.size(), invert_);
    cutter.finish();
  });
}

void Split::write(JsonWriter& json) const {
  json.member("type", "Split");
  json.key("pattern");
  pattern_.write(json);
  json.member("behavior", name_of(behavior_));
  json.member("invert", invert_);
}

}  // namespace heddle::text
