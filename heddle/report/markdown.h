#pragma once
// The part of Markdown that our own texts use: headings, paragraphs, lists of "- ", code spans and blocks, **strong**.
// A link becomes its text and its target as text; HTML comments are left out; any other HTML is text.

#include <string>
#include <string_view>

#include "heddle/report/page.h"

namespace heddle::report {

// What `<!-- … -->` encloses is gone; a comment without end goes to the end of the text.
std::string without_comments(std::string_view text);

// Headings stand `level` deeper than they say: "# x" is <h2> at level 1. At most <h4>.
void add_markdown(Page& page, std::string_view text, int level = 1);

}  // namespace heddle::report
