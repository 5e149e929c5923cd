#include "heddle/lab/page_parts.h"

#include <fmt/format.h>

namespace heddle::lab {

using report::Markup;
using report::Tone;

std::string html_language(Language language) { return language == Language::zh ? "zh-CN" : "en"; }
std::string own_name(Language language) { return language == Language::zh ? "中文" : "English"; }
std::string index_file(Language language) { return language == Language::zh ? "index.zh.html" : "index.html"; }
std::string row_file(int row, Language language) {
  return fmt::format("{:03}{}.html", row, language == Language::zh ? ".zh" : "");
}

Markup verdict_badge(const std::optional<Verdict>& verdict, Language language) {
  if (!verdict) return Markup::badge(language == Language::zh ? "未运行" : "not run", Tone::open);
  const Tone tone = *verdict == Verdict::holds           ? Tone::good
                    : *verdict == Verdict::holds_only_if ? Tone::partly
                    : *verdict == Verdict::does_not_hold ? Tone::bad
                                                         : Tone::open;
  return Markup::badge(sentence_of(*verdict, language), tone);
}

std::string interval_text(const std::vector<double>& values) {
  const Interval interval = interval_of(values);
  return fmt::format("{}\u00A0…\u00A0{}", number_text(interval.low), number_text(interval.high));
}

std::string with_interval(const std::vector<double>& values) {
  const Interval interval = interval_of(values);
  if (interval.low == interval.high) return number_text(interval.mean);
  return fmt::format("{} ({})", number_text(interval.mean), interval_text(values));
}

}  // namespace heddle::lab
