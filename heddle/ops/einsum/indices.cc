#include "heddle/ops/einsum/indices.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>

#include "heddle/base/error.h"

namespace heddle::ops {
namespace {

constexpr size_t kMostIndices = 64;  // bits of an IndexSet

class Binder {
 public:
  Binder(EinsumExpression expression, std::span<const Sizes> shapes) : shapes_(shapes) {
    bound_.expression = std::move(expression);
    letter_.fill(-1);
  }

  EinsumIndices bind() {
    const auto& terms = bound_.expression.operands;
    if (terms.size() != shapes_.size())
      fail_input("einsum \"{}\" has {} operands, but {} tensors were given", text(), terms.size(), shapes_.size());
    for (size_t i = 0; i < terms.size(); ++i) measure(terms[i], i);
    for (size_t i = 0; i < terms.size(); ++i) bound_.operands.push_back(dimensions_of(terms[i], i));
    const EinsumTerm& out = bound_.expression.output;
    for (size_t i = 0; i <= out.letters.size(); ++i) {
      if (static_cast<int>(i) == out.ellipsis)
        bound_.output.insert(bound_.output.end(), ellipsis_.rbegin(), ellipsis_.rend());
      if (i < out.letters.size()) bound_.output.push_back(letter_[static_cast<unsigned char>(out.letters[i])]);
    }
    return std::move(bound_);
  }

 private:
  const std::string& text() const { return bound_.expression.text; }

  int new_index(const std::string& name, int64_t size, size_t at) {
    if (bound_.names.size() == kMostIndices)
      fail_einsum(text(), at, fmt::format("more than {} different indices", kMostIndices));
    bound_.names.push_back(name);
    bound_.sizes.push_back(size);
    return static_cast<int>(bound_.names.size()) - 1;
  }

  // The sizes of all indices, so that an ellipsis knows how far each operand stretches.
  void measure(const EinsumTerm& term, size_t operand) {
    const Sizes& shape = shapes_[operand];
    const size_t letters = term.letters.size();
    if (shape.size() < letters || (shape.size() > letters && !term.has_ellipsis()))
      fail_einsum(text(), term.begin,
                  fmt::format("operand {} has {} dimensions [{}], but its term names {}{}", operand + 1, shape.size(),
                              fmt::join(shape, ", "), letters, term.has_ellipsis() ? " beside the ellipsis" : ""));
    const size_t hidden = shape.size() - letters;
    for (size_t d = 0; d < shape.size(); ++d) {
      if (shape[d] < 0) fail_input("einsum: operand {} has a dimension of {}", operand + 1, shape[d]);
      const auto before = static_cast<size_t>(std::max(term.ellipsis, 0));
      if (term.has_ellipsis() && d >= before && d < before + hidden)
        measure_hidden(before + hidden - 1 - d, shape[d], term, operand);
      else measure_letter(d < before || !term.has_ellipsis() ? d : d - hidden, shape[d], term, operand);
    }
  }

  void measure_letter(size_t i, int64_t size, const EinsumTerm& term, size_t operand) {
    int& index = letter_[static_cast<unsigned char>(term.letters[i])];
    if (index < 0) {
      index = new_index(std::string(1, term.letters[i]), size, term.at[i]);
      first_use_.push_back(operand);
    }
    const auto known = static_cast<size_t>(index);
    if (bound_.sizes[known] != size)
      fail_einsum(text(), term.at[i],
                  fmt::format("the index '{}' has size {} in operand {}, but {} in operand {}", term.letters[i], size,
                              operand + 1, bound_.sizes[known], first_use_[known] + 1));
  }

  void measure_hidden(size_t from_right, int64_t size, const EinsumTerm& term, size_t operand) {
    while (ellipsis_.size() <= from_right) {
      ellipsis_.push_back(new_index(fmt::format("…{}", ellipsis_.size()), 1, term.begin));
      first_use_.push_back(operand);
    }
    const auto index = static_cast<size_t>(ellipsis_[from_right]);
    int64_t& known = bound_.sizes[index];
    if (known != size && known != 1 && size != 1)
      fail_einsum(
          text(), term.begin,
          fmt::format("dimension {} from the right of the ellipsis has size {} in operand {}, but {} in operand "
                      "{}; they must be equal, or one of them 1",
                      from_right + 1, size, operand + 1, known, first_use_[index] + 1));
    if (known == 1 && size != 1) {
      known = size;
      first_use_[index] = operand;
    }
  }

  std::vector<int> dimensions_of(const EinsumTerm& term, size_t operand) const {
    const Sizes& shape = shapes_[operand];
    const size_t hidden = shape.size() - term.letters.size();
    std::vector<int> dimensions;
    for (size_t i = 0; i <= term.letters.size(); ++i) {
      if (static_cast<int>(i) == term.ellipsis)
        for (size_t h = hidden; h-- > 0;) {
          const int index = ellipsis_[h];
          dimensions.push_back(shape[dimensions.size()] == bound_.sizes[static_cast<size_t>(index)] ? index : -1);
        }
      if (i < term.letters.size()) dimensions.push_back(letter_[static_cast<unsigned char>(term.letters[i])]);
    }
    return dimensions;
  }

  std::span<const Sizes> shapes_;
  EinsumIndices bound_;
  std::array<int, 128> letter_;
  std::vector<int> ellipsis_;      // from the right
  std::vector<size_t> first_use_;  // of each index: the operand that gave its size
};

}  // namespace

IndexSet EinsumIndices::set_of(const std::vector<int>& dimensions) const {
  IndexSet set = 0;
  for (const int index : dimensions)
    if (index >= 0) set |= IndexSet{1} << index;
  return set;
}

double EinsumIndices::count(IndexSet set) const {
  double product = 1;
  for (; set != 0; set &= set - 1) product *= static_cast<double>(sizes[static_cast<size_t>(std::countr_zero(set))]);
  return product;
}

std::string EinsumIndices::text(const std::vector<int>& dimensions) const {
  std::string text;
  for (const int index : dimensions) text += index < 0 ? "1" : names[static_cast<size_t>(index)];
  return text;
}

EinsumIndices bind_einsum(EinsumExpression expression, std::span<const Sizes> shapes) {
  return Binder(std::move(expression), shapes).bind();
}

}  // namespace heddle::ops
