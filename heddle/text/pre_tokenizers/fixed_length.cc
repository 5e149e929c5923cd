#include "heddle/text/pre_tokenizers/fixed_length.h"

namespace heddle::text {

void FixedLength::apply(Pieces& pieces) const {
  pieces.split([this](std::string_view text, auto& emit) {
    int64_t count = 0;
    size_t begin = 0, at = 0;
    while (at < text.size()) {
      at += static_cast<size_t>(decode(text.data() + at).length);
      if (++count % length_ != 0) continue;
      emit(begin, at);
      begin = at;
    }
    emit(begin, at);
  });
}

void FixedLength::write(JsonWriter& json) const {
  json.member("type", "FixedLength");
  json.member("length", length_);
}

}  // namespace heddle::text
