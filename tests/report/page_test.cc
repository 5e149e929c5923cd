// A page is one file: it refers to nothing outside, and what it shows is text, not markup.

#include "heddle/report/page.h"

#include <gtest/gtest.h>

#include <regex>

#include "heddle/report/line_chart.h"
#include "tests/report/wellformed_xml.h"

namespace heddle::report {
namespace {

const std::string kHostile = "<img src=x onerror=alert(1)> \"quoted\" 'too' & \xFF </title></style></table>";

std::string full_page() {
  Page page(kHostile);
  page.heading(kHostile);
  page.paragraph(kHostile);
  page.table({"a", kHostile}, {{kHostile, "1"}, {}});
  page.figure(line_chart(kHostile, "x", "y", {{kHostile, {1, 2}, {3, 4}}}), kHostile);
  return page.finish();
}

TEST(Page, RefersToNothingOutside) {
  const std::string page = full_page();
  const std::regex reference(
      R"re((<[^>]*\b(src|href|xlink:href|action|srcset|data)\s*=)|(@import)|(url\s*\()|(<(script|link|iframe|object|embed|base)\b))re",
      std::regex::icase);
  std::smatch match;
  EXPECT_FALSE(std::regex_search(page, match, reference)) << match.str();
  std::string without_namespace = page;
  const std::string name = "xmlns=\"http://www.w3.org/2000/svg\"";  // a name, never fetched
  for (size_t at; (at = without_namespace.find(name)) != std::string::npos;) without_namespace.erase(at, name.size());
  EXPECT_EQ(without_namespace.find("://"), std::string::npos);
}

TEST(Page, TextStaysText) {
  const std::string page = full_page();
  EXPECT_EQ(page.find("<img"), std::string::npos);
  EXPECT_EQ(page.find("\xFF"), std::string::npos);
  EXPECT_NE(page.find("&lt;img src=x onerror=alert(1)&gt;"), std::string::npos);
}

// All that a page can have, with links to its neighbours.
std::string rich_page() {
  Page page(kHostile, "zh-CN", {Markup::link(kHostile, "index.html", "en"), Markup(kHostile)});
  page.heading(kHostile, 3, "claims");
  page.note(Markup::strong(kHostile) + Markup::code(kHostile) + Markup::unbroken(kHostile) +
            Markup::badge(kHostile, Tone::bad));
  page.list({Markup::link(kHostile, "#claims")});
  page.preformatted(kHostile);
  page.table({kHostile, "b"}, {{kHostile, "1"}, {"1", "2", "more than the header"}, {}}, Wide::stack);
  page.group(Group::card, [&] {
    page.group(Group::columns, [&] { page.figure(line_chart(kHostile, "x", "y", {}), kHostile, Fit::scale); });
  });
  return page.finish();
}

TEST(Page, SaysItsLanguageAndFitsAPhone) {
  EXPECT_NE(rich_page().find("<html lang=\"zh-CN\">"), std::string::npos);
  EXPECT_NE(full_page().find("<html lang=\"en\">"), std::string::npos);
  EXPECT_NE(full_page().find("<meta name=\"viewport\" content=\"width=device-width"), std::string::npos);
}

TEST(Page, AStackedTableNamesTheColumnInEachCell) {
  Page page("t");
  page.table({"a \"b\"", "c"}, {{"1", "2"}}, Wide::stack);
  const std::string html = page.finish();
  EXPECT_NE(html.find("<td title=\"a &quot;b&quot;\">1</td><td title=\"c\">2</td>"), std::string::npos) << html;
}

// Apart from the doctype and <meta>, the page is XML as well, so that nothing is left open.
TEST(Page, EveryTagIsClosed) {
  for (std::string page : {full_page(), rich_page()}) {
    const std::string doctype = "<!doctype html>\n";
    ASSERT_TRUE(page.starts_with(doctype));
    page.erase(0, doctype.size());
    for (size_t at; (at = page.find("<meta ")) != std::string::npos;) page.erase(at, page.find('>', at) + 1 - at);
    EXPECT_EQ(XmlChecker::problem(page), "");
  }
}

}  // namespace
}  // namespace heddle::report
