#pragma once
// What `heddle tokenizer inspect` shows: profiles of languages and a strip of tokens, as text, JSON and a page.

#include <string>
#include <vector>

#include "heddle/report/strip.h"
#include "heddle/text/inspection/language_profile.h"

namespace heddle::text {

struct Inspection {
  std::string tokenizer;  // its file
  int64_t vocabulary = 0;
  std::vector<LanguageProfile> languages;
  std::vector<report::StripCell> strip;  // of a text; may be empty
};

struct TerminalStyle {
  int width = 100;  // columns
  bool coloured = false;
};

std::string inspection_as_text(const Inspection& inspection, const TerminalStyle& style);
std::string inspection_as_json(const Inspection& inspection);
std::string inspection_as_html(const Inspection& inspection);

}  // namespace heddle::text
