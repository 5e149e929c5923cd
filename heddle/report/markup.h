#pragma once
// Text of a paragraph or a cell as HTML: whatever it is made of, only what is named here becomes markup.

#include <string>
#include <string_view>

namespace heddle::report {

// What a coloured word says beside its text.
enum class Tone : uint8_t { good, partly, bad, open };

class Markup {
 public:
  Markup() = default;
  Markup(const char* text) : Markup(std::string_view(text)) {}
  Markup(const std::string& text) : Markup(std::string_view(text)) {}
  Markup(std::string_view text);

  static Markup code(std::string_view text);
  static Markup strong(std::string_view text);
  static Markup unbroken(std::string_view text);  // never cut into two lines
  static Markup badge(std::string_view text, Tone tone);
  // `target`: a file beside the page, or #anchor; Error for anything else, so that no page needs a network.
  // `language` of the target, if it is another.
  static Markup link(std::string_view text, std::string_view target, std::string_view language = {});

  Markup& operator+=(const Markup& more);
  friend Markup operator+(Markup left, const Markup& right) { return left += right; }

  const std::string& html() const { return html_; }

 private:
  static Markup element(const std::string& open, std::string_view text, std::string_view name);
  std::string html_;
};

}  // namespace heddle::report
