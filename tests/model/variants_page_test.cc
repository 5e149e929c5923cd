#include "heddle/model/variants_page.h"

#include <gtest/gtest.h>

namespace heddle::model {
namespace {

std::string line_of(const std::string& page, const std::string& start) {
  const size_t begin = page.find("\n" + start);
  return begin == std::string::npos ? "" : page.substr(begin + 1, page.find('\n', begin + 1) - begin - 1);
}

bool ends(const std::string& text, const std::string& end) { return text.ends_with(end); }

TEST(VariantsPage, AMeasurementStandsBesideItsIdea) {
  const MeasuredTask task = {.name = "plays",
                             .score_name = "bits",
                             .rows = {{{{"model.norm", "rms"}, {"model.residual", "rezero"}}, 9, 9, 9, 1, 1},
                                      {{{"model.norm", "rms"}}, 2.5, 2.25, 2.75, 2, 3},
                                      {{{"model.norm", "layer"}}, 3, 3, 3, 1, 2},
                                      {{{"model.attention.mask", "causal & window(8) | prefix(2)"}}, 4, 4, 4, 1, 5}}};
  const std::string page = variants_page({&task, 1});
  // Of two rows the one that sets nothing else, or what else it sets; time against the cheapest value of the key.
  EXPECT_TRUE(ends(line_of(page, "| [`rms`]"), "| 2.50 (2.25 to 2.75), 1.50 t |"));
  EXPECT_TRUE(ends(line_of(page, "| [`layer`]"), "| 3.00 (3.00 to 3.00), 1.00 t |"));
  EXPECT_TRUE(ends(line_of(page, "| [`batch`]"), "| – |"));
  EXPECT_TRUE(ends(line_of(page, "| [`rezero`]"), "| 9.00 (9.00 to 9.00), 1.00 t, with `model.norm = rms` |"));
  EXPECT_EQ(line_of(page, "| `causal &"), "| `causal & window(8) \\| prefix(2)` | 4.00 (4.00 to 4.00), 1.00 t |");
  EXPECT_EQ(line_of(page, "| [`rope`]").find("| – |\n"), std::string::npos);  // a key that nothing was measured of
}

}  // namespace
}  // namespace heddle::model
