#pragma once
// Where in a model a module stands, and the table that its weights are declared in.

#include <string>

#include "heddle/nn/parameters.h"

namespace heddle::nn {

struct Place {
  Parameters& parameters;
  std::string name;  // "decoder.layers.2.feed_forward"
  int layer = -1;    // -1: outside the layers

  Place at(const std::string& part) const { return {parameters, name + "." + part, layer}; }
};

// How a residual scheme wants the weights of a branch to start: factors on Xavier's range.
struct BranchStart {
  double inner = 1.0;  // the first feed-forward product; the values of an attention
  double last = 1.0;   // the branch's last product
};

}  // namespace heddle::nn
