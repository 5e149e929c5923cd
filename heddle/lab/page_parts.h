#pragma once
// What the lab's pages have in common: their names, verdicts as coloured words, numbers with their spread.

#include <optional>
#include <string>
#include <vector>

#include "heddle/lab/rule.h"
#include "heddle/report/markup.h"

namespace heddle::lab {

std::string index_file(Language language);         // "index.html", "index.zh.html"
std::string row_file(int row, Language language);  // "052.html", "052.zh.html"
std::string html_language(Language language);      // "en", "zh-CN"
inline Language other(Language language) { return language == Language::en ? Language::zh : Language::en; }
std::string own_name(Language language);  // "English", "中文"

// Without a verdict: "not run".
report::Markup verdict_badge(const std::optional<Verdict>& verdict, Language language);
// "0.997 (0.99 … 1.01)": mean and 95 % interval; the mean alone where all values are the same.
std::string with_interval(const std::vector<double>& values);
// The interval alone, which is never broken into two lines.
std::string interval_text(const std::vector<double>& values);

}  // namespace heddle::lab
