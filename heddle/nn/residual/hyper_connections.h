#pragma once
// n residual streams h_1 … h_n of width d in place of one, of which each branch reads a learned mix and to which it
// writes (Zhu et al. 2024, "Hyper-connections"):
//   branch reads      Σ_i m_i·h_i
//   h_j becomes       Σ_i R_ij·h_i + b_j·f(norm(Σ_i m_i·h_i))
// m, R and b are learned for each branch. They start as m = (… 1 at place k mod n of branch k …), R = I, b = 1, and all
// streams as the token's vector: then every stream is the residual stream of norm_place "pre". What leaves the last
// layer is their mean (the paper's sum, but for the factor that a norm takes away).
//
// Dynamic (model.hyper_connections.dynamic): the state has a say in them, m_i + s·tanh(u·ĥ_i) and likewise R_ij and b_i
// by columns of their own of one matrix U [n + 2, d], where ĥ_i = √d·h_i/‖h_i‖; U starts at 0, s at 0.01, one for each
// number. (The paper shares s among m and R; a gain of the norm would be one with U.)
//
// Activations are n times as wide between the branches. O(n²·d) a token and branch; n·(n + 2) weights, dynamic ones
// (n + 2)·(d + n) more.

#include "heddle/nn/residual/scheme.h"
#include "heddle/nn/residual/stochastic_depth.h"

namespace heddle::nn::residuals {

class HyperConnections : public Scheme {
 public:
  static constexpr Idea kIdea = {.name = "hyper_connections",
                                 .formula = "h_j ← Σ_i R_ij·h_i + b_j·f(Σ_i m_i·h_i) of n streams",
                                 .cost = "O(n²d) a token, n(n + 2) weights a branch",
                                 .paper = "Zhu et al. 2024"};
  static BranchStart start(const Depth&) { return {}; }
  HyperConnections(const Place& place, const ResidualConfig& config);

  Tensor enter(const Pass& pass, const Tensor& x, const Rows& rows) const override;
  Tensor add(const Pass& pass, const Tensor& x, const Tensor& branch, const Tensor& bias, const Rows& rows,
             const ops::DropoutSite& dropout) const override;

 private:
  // The matrix of a mixing (ops/residual_streams.h): of all tokens, or of each.
  Tensor mixing(const Pass& pass, const Tensor& x, const Rows& rows) const;

  int64_t streams_, width_;
  StochasticDepth survival_;
  ParameterId static_ = kNoParameter, by_state_ = kNoParameter, share_ = kNoParameter;
};

}  // namespace heddle::nn::residuals
