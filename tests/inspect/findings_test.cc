#include "heddle/inspect/findings.h"

#include <gtest/gtest.h>

namespace heddle::inspect {
namespace {

Findings some_findings() {
  return {.title = "A <title>",
          .notes = {"A note."},
          .tables = {{"heads",
                      "Where they look:",
                      {"attention", "head", "mass"},
                      {{"é", int64_t{3}, 0.25}, {"bbb", int64_t{10}, 1e-5}}}},
          .maps = {{"m", "of one", {"r\xff"}, {"a", "b"}, {{1.0, 0.5}}, 1}},
          .charts = {{"c", "x", "y", {{"s", {1, 2}, {3, 4}}}}}};
}

TEST(Findings, AlignColumnsOnATerminal) {
  EXPECT_EQ(as_text(some_findings()),
            "Where they look:\n"
            "  attention  head     mass\n"
            "  é             3    0.250\n"
            "  bbb          10  1.0e-05\n\n"
            "A note.\n");
}

TEST(Findings, HaveOneKeyATableInJson) {
  const std::string json = as_json(some_findings());
  EXPECT_NE(json.find(R"("heads":[{"attention":"é","head":3,"mass":0.25})"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("values":[[1.0,0.5]])"), std::string::npos);
  EXPECT_NE(json.find(R"("series":"s","x":[1.0,2.0])"), std::string::npos);
}

TEST(Findings, AreOnePageWithoutOthersMarkup) {
  const std::string page = as_html(some_findings());
  EXPECT_NE(page.find("A &lt;title&gt;"), std::string::npos);
  EXPECT_EQ(page.find("A <title>"), std::string::npos);
  EXPECT_NE(page.find("<svg"), std::string::npos);
  Findings many = some_findings();
  many.maps.resize(kMostMaps + 3, many.maps[0]);
  EXPECT_NE(as_html(many).find("3 more maps are not drawn"), std::string::npos);
}

}  // namespace
}  // namespace heddle::inspect
