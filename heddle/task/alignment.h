#pragma once
// Which source tokens each target token looked at: the cross-attention of one decoder layer, mean over its
// heads, read through the model's named points.

#include <string>
#include <vector>

#include "heddle/task/translator.h"

namespace heddle::task {

struct Alignment {
  std::vector<std::string> source, target;   // tokens as text
  std::vector<std::vector<double>> weights;  // [target][source], rows sum to 1
};

// Translates the line and reads the last layer's weights for that translation.
Alignment alignment(const Translator& translator, const std::string& line);

// The same as a heatmap (SVG).
std::string alignment_svg(const Translator& translator, const std::string& line);

}  // namespace heddle::task
