#pragma once
// A sentence in the two languages of the lab.

#include <string>

namespace heddle::lab {

enum class Language : uint8_t { en, zh };

struct Bilingual {
  std::string en, zh;

  const std::string& in(Language language) const { return language == Language::zh ? zh : en; }
  bool complete() const { return !en.empty() && !zh.empty(); }
};

}  // namespace heddle::lab
