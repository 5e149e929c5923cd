#include "heddle/report/markup.h"

#include "heddle/base/error.h"
#include "heddle/report/svg.h"

namespace heddle::report {
namespace {

const char* class_of(Tone tone) {
  switch (tone) {
    case Tone::good: return "good";
    case Tone::partly: return "partly";
    case Tone::bad: return "bad";
    case Tone::open: break;
  }
  return "open";
}

}  // namespace

Markup::Markup(std::string_view text) : html_(escape(text)) {}

Markup Markup::element(const std::string& open, std::string_view text, std::string_view name) {
  Markup made;
  made.html_ = fmt::format("<{}>{}</{}>", open, escape(text), name);
  return made;
}

Markup Markup::code(std::string_view text) { return element("code", text, "code"); }
Markup Markup::strong(std::string_view text) { return element("strong", text, "strong"); }
Markup Markup::unbroken(std::string_view text) { return element("span class=\"unbroken\"", text, "span"); }
Markup Markup::badge(std::string_view text, Tone tone) {
  return element(fmt::format("span class=\"badge {}\"", class_of(tone)), text, "span");
}

Markup Markup::link(std::string_view text, std::string_view target, std::string_view language) {
  HEDDLE_CHECK(!target.empty() && target.find_first_of(":\\/") == std::string_view::npos,
               "a page links only to files beside it and to places within it, not to \"{}\"", target);
  const std::string of_language =
      language.empty() ? "" : fmt::format(" lang=\"{0}\" hreflang=\"{0}\"", escape(language));
  return element(fmt::format("a href=\"{}\"{}", escape(target), of_language), text, "a");
}

Markup& Markup::operator+=(const Markup& more) {
  html_ += more.html_;
  return *this;
}

}  // namespace heddle::report
