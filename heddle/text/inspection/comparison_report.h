#pragma once
// What `heddle tokenizer compare` shows, as text, JSON and a page.

#include <array>
#include <string>
#include <vector>

#include "heddle/text/inspection/comparison.h"

namespace heddle::text {

struct Comparison {
  std::array<std::string, 2> tokenizers;  // their files
  VocabularyOverlap vocabulary;
  std::vector<LanguageComparison> languages;
};

std::string comparison_as_text(const Comparison& comparison);
std::string comparison_as_json(const Comparison& comparison);
std::string comparison_as_html(const Comparison& comparison);

}  // namespace heddle::text
