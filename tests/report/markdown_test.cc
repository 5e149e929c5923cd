#include "heddle/report/markdown.h"

#include <gtest/gtest.h>

#include "heddle/base/error.h"

namespace heddle::report {
namespace {

// What the text becomes on a page.
std::string html(const std::string& text) {
  Page page("t");
  const std::string before = page.finish();
  add_markdown(page, text);
  const std::string end = "</main></body></html>\n", all = page.finish();
  return all.substr(before.size() - end.size(), all.size() - before.size());
}

TEST(Markdown, HeadingsParagraphsAndLists) {
  EXPECT_EQ(html("# One\nfirst\nline\n\nsecond\n### Two"),
            "<h2>One</h2>\n<p>first line</p>\n<p>second</p>\n<h4>Two</h4>\n");
  EXPECT_EQ(html("before\n- a\n- b\n  goes on\n\nafter"),
            "<p>before</p>\n<ul><li>a</li>\n<li>b goes on</li>\n</ul>\n<p>after</p>\n");
  EXPECT_EQ(html(""), "");
  EXPECT_EQ(html("\n\n"), "");
  EXPECT_EQ(html("#no heading"), "<p>#no heading</p>\n");
}

TEST(Markdown, ChineseLinesAreJoinedWithoutASpace) { EXPECT_EQ(html("注意力\n分数\nd"), "<p>注意力分数 d</p>\n"); }

TEST(Markdown, CodeIsTakenAsItIs) {
  EXPECT_EQ(html("run `a **b** <c>` now"), "<p>run <code>a **b** &lt;c&gt;</code> now</p>\n");
  EXPECT_EQ(html("```\n# x\n- y\n```\nz"), "<pre># x\n- y\n</pre>\n<p>z</p>\n");
  EXPECT_EQ(html("```\nwithout end"), "<pre>without end\n</pre>\n");
}

TEST(Markdown, LinksAreText) {
  EXPECT_EQ(html("see [the paper](https://example.org/a) and [x](x)"),
            "<p>see the paper (https://example.org/a) and x</p>\n");
  EXPECT_EQ(html("[a] (b) ** ` [c]("), "<p>[a] (b) ** ` [c](</p>\n");
}

TEST(Markdown, CommentsAreLeftOutAndHtmlIsText) {
  EXPECT_EQ(html("0.997<!-- slope --> it is<!-- no end"), "<p>0.997 it is</p>\n");
  EXPECT_EQ(html("<script>alert(1)</script> **<b>**"),
            "<p>&lt;script&gt;alert(1)&lt;/script&gt; <strong>&lt;b&gt;</strong></p>\n");
  EXPECT_EQ(without_comments("a<!-- b -->c<!---->d"), "acd");
}

TEST(Markup, LinksStayBesideThePage) {
  EXPECT_EQ(Markup::link("a<b", "052.html").html(), "<a href=\"052.html\">a&lt;b</a>");
  EXPECT_NO_THROW(Markup::link("a", "#claims"));
  for (const char* target : {"", "https://example.org", "//example.org", "javascript:alert(1)", "/etc", "..\\x", "a/b"})
    EXPECT_THROW(Markup::link("a", target), Error) << target;
}

}  // namespace
}  // namespace heddle::report
