#pragma once
// docs/variants.md: every idea that a config can name, from the factories themselves.

#include <string>

namespace heddle::model {

// Markdown.
std::string variants_page();

}  // namespace heddle::model
