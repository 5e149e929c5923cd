#pragma once
// Which experts every token goes to, and the tokens of each expert side by side.

#include <cstdint>
#include <span>
#include <vector>

namespace heddle::kernels {

// choices[r·k …] = the k experts of the greatest scores of row r, best first; of equal ones the lower number. scores
// [rows, experts], k ≤ experts.
void choose_experts(int64_t rows, int64_t experts, int64_t k, const float* scores, int32_t* choices);
void choose_experts(int64_t rows, int64_t experts, int64_t k, const double* scores, int32_t* choices);

// Pairs of a token and an expert that it goes to, expert after expert, tokens ascending within each.
struct ExpertOrder {
  std::vector<int32_t> begin;   // [experts + 1] where the pairs of each expert begin
  std::vector<int32_t> token;   // [pairs]
  std::vector<int32_t> choice;  // [pairs] which of the choices it was
};

// A counting sort of choices [tokens, k]; one of -1 goes nowhere.
ExpertOrder order_by_expert(std::span<const int32_t> choices, int64_t k, int64_t experts);

}  // namespace heddle::kernels
