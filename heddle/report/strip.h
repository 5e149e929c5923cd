#pragma once
// A text cut into coloured pieces, each with lines of small print below: for a terminal, and for a page.

#include <string>
#include <vector>

namespace heddle::report {

struct StripCell {
  std::string text;
  std::vector<std::string> below;  // as many lines as the other cells have
};

// Cells side by side, in rows of at most `width` columns; the text of each on a colour of its own where `coloured`,
// else between bars.
std::string terminal_strip(const std::vector<StripCell>& cells, int width, bool coloured);

// The same as HTML that wraps by itself, for Page::html().
std::string html_strip(const std::vector<StripCell>& cells);

// How many columns a terminal takes for a text: two for letters of the far east and emoji, none for combining marks.
int terminal_width(std::string_view text);

}  // namespace heddle::report
