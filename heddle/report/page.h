#pragma once
// One HTML file that needs nothing else: text, tables and drawings, for a desk and for a phone, light and dark.

#include <functional>
#include <string>
#include <vector>

#include "heddle/report/markup.h"
#include "heddle/report/strip.h"

namespace heddle::report {

// A table wider than the screen scrolls by itself, or becomes a list of its rows.
enum class Wide : uint8_t { scroll, stack };
// A drawing wider than its place scrolls by itself, or is made smaller.
enum class Fit : uint8_t { scroll, scale };
// A framed block, or blocks side by side where there is room.
enum class Group : uint8_t { card, columns };

class Page {
 public:
  // `language` as in HTML's lang; `navigation` stands above the title.
  explicit Page(const std::string& title, const std::string& language = "en",
                const std::vector<Markup>& navigation = {});

  // Level 2 to 4; `anchor` is what links name as #anchor.
  void heading(const std::string& text, int level = 2, const std::string& anchor = {});
  void paragraph(const Markup& text);
  void note(const Markup& text);  // a paragraph of less weight
  void list(const std::vector<Markup>& items);
  void preformatted(const std::string& text);
  void table(const std::vector<std::string>& header, const std::vector<std::vector<Markup>>& rows,
             Wide wide = Wide::scroll);
  void figure(const std::string& svg, const std::string& caption, Fit fit = Fit::scroll);
  void strip(const std::vector<StripCell>& cells) { body_ += html_strip(cells); }
  // What `content` adds to the page stands in the group.
  void group(Group group, const std::function<void()>& content);
  std::string finish() const { return body_ + "</main></body></html>\n"; }

 private:
  std::string body_;
};

}  // namespace heddle::report
