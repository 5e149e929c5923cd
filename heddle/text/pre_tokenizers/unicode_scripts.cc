#include "heddle/text/pre_tokenizers/unicode_scripts.h"

#include "heddle/text/unicode/properties.h"

namespace heddle::text {

void UnicodeScripts::apply(Pieces& pieces) const {
  pieces.split([](std::string_view text, auto& emit) {
    constexpr int kAny = 0;
    int last = kAny;
    // As in the tokenizers library, what comes before the first script is left out.
    size_t begin = text.size();
    for (size_t at = 0; at < text.size();) {
      const CodePoint point = decode(text.data() + at);
      const int script = properties_of(point.value).script;
      if (script != kAny && script != last) {
        if (begin < at) emit(begin, at);
        begin = at;
        last = script;
      }
      at += static_cast<size_t>(point.length);
    }
    if (begin < text.size()) emit(begin, text.size());
  });
}

void UnicodeScripts::write(JsonWriter& json) const { json.member("type", "UnicodeScripts"); }

}  // namespace heddle::text
