#pragma once
// An einsum expression as text: "bqhd,bkhd->bhqk".
//
// One term an operand, commas between them: a letter names each dimension, "..." stands for any number of dimensions
// in a row. Behind "->" stands the result. An index of the operands that the result lacks is summed over; one that
// recurs within a term walks its diagonal. Without "->" the result has the ellipsis and then, sorted, the letters
// that occur exactly once. An ellipsis that the result lacks is summed over too. Spaces mean nothing.

#include <string>
#include <string_view>
#include <vector>

namespace heddle::ops {

struct EinsumTerm {
  std::string letters;     // without spaces and ellipsis
  std::vector<size_t> at;  // where each letter stands in the text, from 0
  int ellipsis = -1;       // how many letters stand before the ellipsis; -1: there is none
  size_t begin = 0;        // where the term stands in the text
  bool has_ellipsis() const { return ellipsis >= 0; }
};

struct EinsumExpression {
  std::string text;
  std::vector<EinsumTerm> operands;
  EinsumTerm output;
};

// The most operands that an expression may have.
inline constexpr size_t kMostEinsumOperands = 128;

// Throws InputError with a sentence that points at the character.
EinsumExpression parse_einsum(std::string_view text);

// "einsum "ij,jk->iq", character 8: " + sentence, as InputError; `at` from 0.
[[noreturn]] void fail_einsum(const std::string& text, size_t at, const std::string& sentence);

}  // namespace heddle::ops
