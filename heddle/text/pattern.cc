#include "heddle/text/pattern.h"

namespace heddle::text {

Pattern Pattern::read(const JsonView& json) {
  if (const auto content = json.find("String")) return string(content->text());
  if (const auto content = json.find("Regex")) return regex(content->text());
  json.fail("a pattern must be {{\"String\": …}} or {{\"Regex\": …}}");
}

void Pattern::write(JsonWriter& json) const {
  json.begin_object();
  json.member(is_regex_ ? "Regex" : "String", content_);
  json.end_object();
}

void Pattern::find_all(std::string_view text, const std::function<void(size_t, size_t)>& use) const {
  if (text.empty()) return;
  if (run_of_ != '\0') return find_runs(text, use);
  if (regex_) return regex_->find_all(text, use);
  for (size_t at = text.find(content_); at != std::string_view::npos; at = text.find(content_, at + content_.size()))
    use(at, at + content_.size());
}

// Two of a character first, which few places have.
void Pattern::find_runs(std::string_view text, const std::function<void(size_t, size_t)>& use) const {
  const char two[] = {run_of_, run_of_};
  const std::string_view wanted(two, 2);
  for (size_t at = text.find(wanted); at != std::string_view::npos;) {
    const size_t end = std::min(text.find_first_not_of(run_of_, at), text.size());
    use(at, end);
    at = text.find(wanted, end);
  }
}

}  // namespace heddle::text
