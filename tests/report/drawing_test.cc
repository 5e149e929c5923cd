// Drawings are well-formed whatever they are given.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <regex>

#include "heddle/base/clock.h"
#include "heddle/report/heatmap.h"
#include "heddle/report/line_chart.h"
#include "heddle/report/svg.h"
#include "tests/report/wellformed_xml.h"

namespace heddle::report {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();
using namespace std::string_literals;
const std::string kHostile =
    "<script>alert(\"1\")</script> & ' ]]> --> \xFF\xED\xA0\x80 \x01\x1b\x00 \xEF\xBF\xBE\xEF\xBF\xBF 🧵 &amp; &#0;"s;

size_t count_of(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

void expect_sound(const std::string& svg) {
  EXPECT_EQ(XmlChecker::problem(svg), "");
  EXPECT_EQ(count_of(svg, "<script"), 0u);
  EXPECT_FALSE(std::regex_search(svg, std::regex("=\"[^\"]*(nan|inf)[^\"]*\"", std::regex::icase))) << svg;
}

TEST(XmlChecker, CanFail) {
  EXPECT_EQ(XmlChecker::problem("<a x=\"1\" y=\"&lt;\"><b/>t&amp;<c></c></a>\n"), "");
  for (const char* bad :
       {"", "<a>", "<a></b>", "<a><b></a></b>", "<a x=1/>", "<a x=\"1\" x=\"2\"/>", "<a>&</a>", "<a>\x01</a>",
        "<a>\xFF</a>", "<a x=\"<\"/>", "text", "<a/><b/><c/>", "<a", "<a x=\"1", "</a>", "<a>&nbsp;</a>"})
    EXPECT_NE(XmlChecker::problem(bad), "") << bad;
}

TEST(Svg, TextIsEscaped) {
  EXPECT_EQ(escape("<a href=\"x\">'&'</a>"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
  EXPECT_EQ(escape(std::string("a\0b\x1b\tc\n", 7)), "ab\tc\n");
  EXPECT_EQ(escape("\xFF\xC3"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(escape("\xEF\xBF\xBE"), "\xEF\xBF\xBD");
  EXPECT_EQ(escape("ü 🧵 織"), "ü 🧵 織");
}

TEST(Svg, EveryElementIsWellFormed) {
  Svg svg(100, 50, kHostile);
  svg.line(0, 1, 2, 3, kHostile);
  svg.polyline("0,0 1,1", kHostile);
  svg.rectangle(0, 0, 1, 1, kHostile, kHostile);
  svg.text(1, 2, kHostile, "middle", -90);
  expect_sound(svg.finish());
}

TEST(LineChart, AnyNumbersAreDrawn) {
  const std::vector<double> odd = {0.0,    -0.0,   1.0,  kNaN,  kInf, -kInf,        1e308,
                                   -1e308, 5e-324, 1e99, -1e99, 1e15, 1e15 + 0.125, 3.0};
  for (double a : odd)
    for (double b : odd) {
      expect_sound(line_chart("t", "x", "y", {{"s", {a, b, 1}, {b, a, 2}}}));
      expect_sound(line_chart("t", "x", "y", {{"s", {a, b, 1}, {b, a, 2}, {a, a, b}, {b, b, a}}},
                              {.log_x = true, .log_y = true}));
    }
  expect_sound(line_chart("t", "x", "y", {{"s", odd, odd}, {"empty", {}, {}}, {"uneven", {1, 2, 3}, {1}}}));
  expect_sound(line_chart("t", "x", "y", {}));
}

// A step below the numbers' resolution once made an endless loop.
TEST(LineChart, NarrowRangesEnd) {
  for (double low : {1.0, 1e6, 1e15, -1e15, 1e99}) {
    const double high = std::nextafter(low, kInf), further = std::nextafter(high, kInf);
    expect_sound(line_chart("t", "x", "y", {{"s", {low, high, further}, {low, high, further}}}));
  }
}

TEST(LineChart, GridLinesAreFewAndRound) {
  const std::string svg = line_chart("t", "x", "y", {{"s", {0, 100}, {0.0, 2.5}}});
  for (const char* label : {">0<", ">20<", ">100<", ">0.5<", ">2.5<"}) EXPECT_GE(count_of(svg, label), 1u) << label;
  EXPECT_LT(count_of(svg, "#e4e4e4"), 26u);
}

TEST(LineChart, LogarithmicAxesShowFactorsAsDistances) {
  const Series powers = {"s", {0.1, 1, 10, 100, -5, 0}, {1, 1, 1, 1, 1, 1}};
  const std::string svg = line_chart("t", "x", "y", {powers}, {.log_x = true});
  std::smatch path;
  ASSERT_TRUE(std::regex_search(
      svg, path,
      std::regex("<polyline points=\"([0-9.]+),[0-9.]+ ([0-9.]+),[0-9.]+ ([0-9.]+),[0-9.]+ ([0-9.]+),[0-9.]+ \"")))
      << "the points that are not positive are left out\n"
      << svg;
  const double a = std::stod(path[1]), b = std::stod(path[2]), c = std::stod(path[3]), d = std::stod(path[4]);
  EXPECT_NEAR(b - a, c - b, 0.2);
  EXPECT_NEAR(c - b, d - c, 0.2);
  for (const char* label : {">0.1<", ">1<", ">10<", ">100<"}) EXPECT_GE(count_of(svg, label), 1u) << label;
}

TEST(LineChart, AFewPlacesOnALogarithmicAxisAreNamed) {
  const std::string svg = line_chart("t", "d", "y", {{"s", {4, 16, 64, 256, 1024}, {1, 2, 3, 4, 5}}}, {.log_x = true});
  for (const char* label : {">4<", ">16<", ">64<", ">256<", ">1024<"}) EXPECT_GE(count_of(svg, label), 1u) << label;
}

TEST(LineChart, BandsShowTheInterval) {
  const std::string without = line_chart("t", "x", "y", {{"s", {1, 2}, {3, 4}}});
  EXPECT_EQ(count_of(without, "<polygon"), 0u);
  const std::string with = line_chart("t", "x", "y", {{"s", {1, 2}, {3, 4}, {2, 3}, {5, 6}}});
  EXPECT_EQ(count_of(with, "<polygon"), 1u);
  EXPECT_EQ(count_of(with, "(2 … 5)"), 1u);
  // The axis reaches over the whole interval.
  EXPECT_GE(count_of(with, ">6<"), 1u);
  // One seed has no interval.
  EXPECT_EQ(count_of(line_chart("t", "x", "y", {{"s", {1, 2}, {3, 4}, {-kInf, -kInf}, {kInf, kInf}}}), "<polygon"), 0u);
}

// Labels of one axis, as where each begins and ends along it.
using Places = std::vector<std::pair<double, double>>;
void expect_apart(Places places, const std::string& svg) {
  std::ranges::sort(places);
  for (size_t i = 1; i < places.size(); ++i) EXPECT_LE(places[i - 1].second, places[i].first) << svg;
}

TEST(LineChart, TicksNeverRunIntoEachOther) {
  const std::regex label("<text x=\"([0-9.]+)\" y=\"([0-9.]+)\" text-anchor=\"(middle|end)\">([^<]*)</text>");
  size_t seen = 0;
  for (const double low : {1e-7, 0.003, 1.0, 12345.0, 9.99e8})
    for (const double factor : {1.0001, 1.7, 30.0, 2e4, 1e13})
      for (const bool logarithmic : {false, true})
        for (const double width : {300.0, 420.0, 720.0}) {
          Series series{"s", {}, {}};
          for (int i = 0; i <= 20; ++i) {
            series.x.push_back(low * std::pow(factor, i / 20.0));
            series.y.push_back(series.x.back());
          }
          const std::string svg = line_chart("t", "x", "y", {series}, {logarithmic, logarithmic, width, 320, false});
          Places along_x, along_y;
          for (std::sregex_iterator at(svg.begin(), svg.end(), label), end; at != end; ++at) {
            const double x = std::stod((*at)[1]), y = std::stod((*at)[2]), half = text_width((*at)[4].str()) / 2;
            if ((*at)[3] == "end") {
              along_y.emplace_back(y - 10, y + 2);
              EXPECT_GE(x, 2 * half) << svg;
            } else if (y < 320 - 20) {
              along_x.emplace_back(x - half, x + half);
            }
          }
          EXPECT_GE(along_x.size(), 2u) << svg;
          EXPECT_GE(along_y.size(), 2u) << svg;
          expect_apart(along_x, svg);
          expect_apart(along_y, svg);
          seen += along_x.size();
        }
  EXPECT_GT(seen, 300u);
}

TEST(LineChart, TheLegendStandsAboveTheCurves) {
  std::vector<Series> many;
  for (int i = 0; i < 12; ++i) many.push_back({"a rather long name of a series " + std::to_string(i), {0, 1}, {0, 1}});
  const std::string svg = line_chart("t", "x", "y", many, {.width = 420, .height = 420});
  expect_sound(svg);
  for (const Series& one : many) EXPECT_GE(count_of(svg, one.name), 1u);
  EXPECT_GE(count_of(svg, "stroke-dasharray"), 2u) << "colours that come again are told apart by dashes";
}

TEST(Svg, LongTextIsShortened) {
  EXPECT_EQ(shortened("abc", 100), "abc");
  EXPECT_EQ(shortened("abcdefghij", 40), "abc…");
  EXPECT_EQ(shortened("注意力分数", 40), "注意…");
  EXPECT_EQ(shortened("ABCDEFGHIJ", 40), "AB…");
  EXPECT_LE(text_width(shortened(std::string(1000, 'x'), 200)), 205);
}

TEST(LineChart, LongSeriesKeepTheirPeaks) {
  Series series{"s", {}, {}};
  for (int i = 0; i < 1'000'000; ++i) {
    series.x.push_back(i);
    series.y.push_back(i == 777'777 ? 1000 : std::sin(i));
  }
  const double start = steady_seconds();
  const std::string svg = line_chart("t", "x", "y", {series});
  EXPECT_LT(steady_seconds() - start, 5.0);
  EXPECT_LT(svg.size(), 100'000u);
  EXPECT_EQ(count_of(svg, ",50.0 "), 1u) << "the peak touches the top edge";
}

TEST(LineChart, LabelsAreEscaped) {
  expect_sound(line_chart(kHostile, kHostile, kHostile, {{kHostile, {1, 2}, {3, 4}}}));
}

TEST(Heatmap, AnyNumbersAndShapesAreDrawn) {
  expect_sound(heatmap(kHostile, {kHostile, "b"}, {"c", kHostile}, {{kNaN, kInf}, {-kInf, 1e308}}));
  expect_sound(heatmap("t", {}, {}, {}));
  expect_sound(heatmap("t", {"a", "b", "c"}, {"d"}, {{0.5, 0.5, 0.5}, {}}));
  const std::string svg = heatmap("t", {"a"}, {"b", "c"}, {{0, 1}});
  EXPECT_EQ(count_of(svg, "#ffffff"), 1u);
  EXPECT_EQ(count_of(svg, "#103c78"), 1u);
  EXPECT_EQ(count_of(svg, "a → c: 1.000"), 1u);
  EXPECT_EQ(count_of(heatmap("t", {}, {}, {}), ">t</text>"), 1u);
  const std::string untitled = heatmap("t", {"a"}, {"b", "c"}, {{0, 1}}, false);
  EXPECT_EQ(count_of(untitled, ">t</text>"), 0u);
  EXPECT_EQ(count_of(untitled, "<title>t</title>"), 1u) << "screen readers are still told\n" << untitled;
}

}  // namespace
}  // namespace heddle::report
