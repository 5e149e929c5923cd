#pragma once
// Our own answer to a row's question, docs/answers/NNN.md: "# N. question", "## English", "## 中文".
//
// A measured number is followed by a comment that names its figure, `0.997<!-- variance_slope -->`, and equals
// number_text() of the stored result's mean.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/lab/bilingual.h"

namespace heddle::lab {

// The Markdown of the two sections; empty where one is missing.
Bilingual read_answer(std::string_view file);
// Of a row of the lab; nothing if there is no answer yet.
std::optional<Bilingual> answer_of(int row);

// A number in an answer, and the figure that it says it is.
struct QuotedFigure {
  std::string number, figure;
};
std::vector<QuotedFigure> quoted_figures(std::string_view answer);

}  // namespace heddle::lab
