#pragma once
// What Split and Replace look for: a string, or a regular expression; {"String": …} or {"Regex": …} in tokenizer.json.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "heddle/text/json/json_view.h"
#include "heddle/text/json/json_writer.h"
#include "heddle/text/regex.h"

namespace heddle::text {

class Pattern {
 public:
  static Pattern string(std::string content) { return Pattern(std::move(content), false); }
  static Pattern regex(std::string pattern) { return Pattern(std::move(pattern), true); }
  static Pattern read(const JsonView& json);
  void write(JsonWriter& json) const;

  bool is_regex() const { return is_regex_; }
  const std::string& content() const { return content_; }

  // Calls use(begin, end) for each match from left to right, in bytes; an empty text has none.
  void find_all(std::string_view text, const std::function<void(size_t begin, size_t end)>& use) const;

 private:
  Pattern(std::string content, bool is_regex) : content_(std::move(content)) {
    if (is_regex || content_.empty()) regex_.emplace(content_);  // an empty string matches everywhere, as that pattern
    is_regex_ = is_regex;
    if (is_regex && content_.size() == 5 && content_.ends_with("{2,}") && is_plain(content_[0])) run_of_ = content_[0];
  }

  static bool is_plain(char c) { return c == ' ' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
  void find_runs(std::string_view text, const std::function<void(size_t begin, size_t end)>& use) const;

  std::string content_;
  char run_of_ = '\0';  // of the pattern "c{2,}" c: as SentencePiece's pipelines have it for spaces
  bool is_regex_;
  std::optional<Regex> regex_;
};

}  // namespace heddle::text
