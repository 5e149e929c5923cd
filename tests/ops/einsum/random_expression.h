#pragma once
// Expressions drawn at random, with everything that an expression can have, and the sum over all assignments of
// their indices, one by one, as the definition says.

#include <algorithm>
#include <string>
#include <vector>

#include "heddle/base/random.h"
#include "heddle/ops/einsum/indices.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

struct RandomExpression {
  std::string text;
  std::vector<Sizes> shapes;
};

// Up to `most_operands` operands of rank 4 at most over five letters; some with an ellipsis, of 0 to 2 dimensions.
inline RandomExpression random_expression(RandomStream& random, size_t most_operands, int64_t largest = 4) {
  constexpr std::string_view kLetters = "ijkQz";
  int64_t size[5], hidden[2];
  const auto draw = [&] {
    return random.below(30) == 0 ? 0 : 1 + static_cast<int64_t>(random.below(static_cast<uint64_t>(largest)));
  };
  for (int64_t& s : size) s = draw();
  for (int64_t& s : hidden) s = draw();
  RandomExpression made;
  const size_t operands = 1 + random.below(most_operands);
  std::string used;
  bool ellipsis = false;
  for (size_t i = 0; i < operands; ++i) {
    std::string term;
    Sizes shape;
    const size_t rank = random.below(4);
    for (size_t d = 0; d < rank; ++d) {
      const size_t letter = random.below(kLetters.size());
      term += kLetters[letter];
      shape.push_back(size[letter]);
    }
    used += term;
    if (random.below(4) == 0) {
      ellipsis = true;
      const size_t at = random.below(term.size() + 1), dimensions = random.below(3);
      term.insert(at, "...");
      Sizes stretch;
      for (size_t d = 2 - dimensions; d < 2; ++d) stretch.push_back(random.below(3) == 0 ? 1 : hidden[d]);
      shape.insert(shape.begin() + static_cast<int64_t>(at), stretch.begin(), stretch.end());
    }
    made.text += (i ? "," : "") + term;
    made.shapes.push_back(shape);
  }
  if (random.below(4) == 0) return made;  // the result is left to the rule
  std::string result;
  for (const char letter : kLetters)
    if (used.find(letter) != std::string::npos && random.below(2)) result += letter;
  for (size_t i = result.size(); i > 1; --i) std::swap(result[i - 1], result[random.below(i)]);
  if (ellipsis && random.below(5) > 0) result.insert(random.below(result.size() + 1), "...");
  made.text += "->" + result;
  return made;
}

// The result in row-major order, by its definition.
inline std::vector<double> brute_force(const EinsumIndices& indices, const std::vector<std::vector<double>>& operands,
                                       const std::vector<Sizes>& shapes) {
  const auto offset = [&](const std::vector<int>& dimensions, const Sizes& shape, const Sizes& at) {
    int64_t place = 0;
    for (size_t d = 0; d < dimensions.size(); ++d)
      place = place * shape[d] + (dimensions[d] < 0 ? 0 : at[static_cast<size_t>(dimensions[d])]);
    return static_cast<size_t>(place);
  };
  Sizes shape;
  int64_t count = 1;
  for (const int index : indices.output) {
    shape.push_back(indices.sizes[static_cast<size_t>(index)]);
    count *= shape.back();
  }
  std::vector<double> result(static_cast<size_t>(count));
  if (std::ranges::count(indices.sizes, 0) > 0) return result;
  for (Sizes at(indices.sizes.size());;) {
    double product = 1;
    for (size_t i = 0; i < operands.size(); ++i) product *= operands[i][offset(indices.operands[i], shapes[i], at)];
    result[offset(indices.output, shape, at)] += product;
    size_t d = 0;
    while (d < at.size() && ++at[d] == indices.sizes[d]) at[d++] = 0;
    if (d == at.size()) return result;
  }
}

}  // namespace heddle::ops
