#pragma once
// One residual step of a layer: what its branch reads, and how the branch joins x, with the norms where the config
// places them.
//
//   post      norm(x + f(x))                    (Vaswani et al. 2017)
//   pre       x + f(norm(x))                    (Xiong et al. 2020)
//   sandwich  x + norm(f(norm(x)))              (Ding et al. 2021, CogView; Gemma 2)
//   both      norm(x + f(norm(x)))              (as Xie et al. 2023, ResiDual, on one stream)

#include <string>

#include "heddle/nn/dropout/dropout.h"
#include "heddle/nn/norm/factory.h"
#include "heddle/nn/residual/factory.h"

namespace heddle::nn {

enum class NormPlace : uint8_t { post, pre, sandwich, both };

struct ResidualStepConfig {
  NormConfig norm;
  NormPlace norm_place = NormPlace::post;
  ResidualConfig residual;
  DropoutConfig dropout = {};  // on the branch
  bool reads_norm = true;      // false: the branch reads what another step normalized
};

class ResidualStep {
 public:
  ResidualStep(Parameters& parameters, const std::string& name, int layer, const ResidualStepConfig& config);

  // What the branch reads: norm(x) where a norm stands before it, else x; of several streams, their mix.
  Tensor enter(const Pass& pass, const Tensor& x, const Rows& rows) const;
  // What the layer goes on with; `bias` is that of the branch's last product.
  Tensor leave(const Pass& pass, const Tensor& x, const Tensor& branch, const Tensor& bias, const Rows& rows) const;

 private:
  Tensor join(const Pass& pass, const Tensor& x, const Tensor& branch, const Tensor& bias, const Rows& rows) const;

  std::unique_ptr<Norm> before_, of_branch_, after_;  // null where none stands
  std::unique_ptr<residuals::Scheme> scheme_;
  Dropout dropout_;
};

}  // namespace heddle::nn
