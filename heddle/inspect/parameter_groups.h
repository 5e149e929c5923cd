#pragma once
// The weights of a model by role: how many numbers, their share, their size, and, on given examples, the gradient's.

#include <string>
#include <vector>

#include "heddle/inspect/subject.h"

namespace heddle::inspect {

struct ParameterGroup {
  std::string name;  // a role, or a weight's name
  int64_t weights = 0, numbers = 0, trainable = 0;
  double squares = 0;           // Σ w²
  double gradient_squares = 0;  // Σ g², of the mean loss per token; 0 without examples
};

// Σ over examples of the loss's gradient, per token.
Tensor mean_gradient(const Subject& subject, const Examples& examples);

// By role, in the order of declaration; `each`: one a weight. `gradient`: mean_gradient(), or undefined.
std::vector<ParameterGroup> parameter_groups(const Subject& subject, const Tensor& gradient, bool each);

}  // namespace heddle::inspect
