#pragma once
// The router of a mixture of experts: to which k experts each token goes, and with which weights (Shazeer et al. 2017).
//
//   p_r = softmax(logits_r) over all experts; the k greatest are chosen, of equal ones the lower number.
//   Gates: their p as they are (Switch, Fedus et al. 2021), or the softmax over the chosen alone (Mixtral, Jiang et al.
//   2024), which sums to 1. Gradients flow through the gates; the choice has none.
//
// With a capacity an expert takes at most ⌈capacity·k·n/experts⌉ of the n tokens of a sequence, in their order; those
// beyond it are dropped there. It is counted by sequence, so that other sequences of a batch never matter. Padding goes
// nowhere.

#include <memory>
#include <vector>

#include "heddle/kernels/expert_routing.h"
#include "heddle/tensor/rows.h"
#include "heddle/tensor/tensor.h"

namespace heddle::ops {

struct RoutingOptions {
  int64_t top_k = 1;
  bool among_chosen = false;  // gates are a softmax over the chosen
  double capacity = 0;        // times an even share; 0: nothing is dropped
};

// Who goes where. Lives as long as the tape on which routing was recorded, where there is one.
struct ExpertPlan {
  int64_t experts = 0, top_k = 0;
  int64_t tokens = 0;            // that are no padding
  std::vector<int64_t> wanted;   // [experts] tokens that chose each, dropped ones too
  std::vector<int32_t> choices;  // [rows, k]; -1: padding, or dropped
  kernels::ExpertOrder order;
  // Of the rows that each expert gets: its sequences, those of the batch in their order, and what its rows are.
  std::vector<int32_t> offsets;  // [experts, sequences + 1]
  std::vector<int64_t> example;  // [pairs]
  std::vector<int32_t> position;

  int64_t rows_of(int64_t expert) const {
    const auto e = static_cast<size_t>(expert);
    return order.begin[e + 1] - order.begin[e];
  }
  // The arrays are the plan's.
  Rows meaning_of(int64_t expert) const;
};

struct Routing {
  Tensor gates;  // [rows, k]
  std::shared_ptr<const ExpertPlan> plan;
};

// logits [rows, experts].
Routing route(const Tensor& logits, const Rows& rows, const RoutingOptions& options);

// scale·experts·Σ_e f_e·P_e: f_e the share of choices that fell on expert e, P_e its mean probability (Shazeer et al.
// 2017; Fedus et al. 2021); `scale` where all experts get as much, and more the less even. Gradients flow through P. A
// scalar (shape [1]).
Tensor balance_loss(const Tensor& logits, const Routing& routing, const Rows& rows, double scale);

}  // namespace heddle::ops
