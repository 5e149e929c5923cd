#include "heddle/report/strip.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "heddle/report/page.h"

namespace heddle::report {
namespace {

TEST(Strip, OnATerminal) {
  const std::vector<StripCell> cells = {{"dog", {"1", "0–3"}}, {"織", {"12345", "3–6"}}, {"\n", {"7", "6–7"}}};
  EXPECT_EQ(terminal_strip(cells, 80, false),
            "|dog |織    |␊   |\n"
            " 1    12345  7\n"
            " 0–3  3–6    6–7\n");
  const std::string coloured = terminal_strip(cells, 80, true);
  EXPECT_EQ(std::ranges::count(coloured, '\x1b'), 6);
  EXPECT_NE(coloured.find("mdog\x1b[0m"), std::string::npos);
}

TEST(Strip, RowsFitTheTerminal) {
  std::vector<StripCell> cells;
  for (int i = 0; i < 40; ++i) cells.push_back({std::string(static_cast<size_t>(i % 9), 'x'), {std::to_string(i * i)}});
  for (const int width : {1, 20, 33, 80}) {
    const std::string strip = terminal_strip(cells, width, false);
    int lines = 0;
    for (size_t at = 0; at < strip.size(); ++lines) {
      const size_t end = strip.find('\n', at);
      if (width > 12) {
        EXPECT_LE(end - at, static_cast<size_t>(width) + 1);
      }
      at = end + 1;
    }
    EXPECT_GT(lines, 1);
    if (width == 1) {
      EXPECT_EQ(lines, 40 * 3 - 1);
    }
  }
  EXPECT_EQ(terminal_strip({}, 80, false), "");
}

TEST(Strip, OnAPageWhateverItHolds) {
  Page page("strip");
  page.strip({{"<b>&\x1b[0m\xFF", {"\"1\""}}, {"", {""}}});
  const std::string html = page.finish();
  EXPECT_EQ(html.find("<b>"), std::string::npos);
  EXPECT_EQ(html.find('\x1b'), std::string::npos);
  EXPECT_NE(html.find("class=\"strip\""), std::string::npos);
}

TEST(Strip, Widths) {
  EXPECT_EQ(terminal_width("dog"), 3);
  EXPECT_EQ(terminal_width("織機"), 4);
  EXPECT_EQ(terminal_width("e\u0301"), 1);
  EXPECT_EQ(terminal_width("\U0001F9F5"), 2);
}

}  // namespace
}  // namespace heddle::report
