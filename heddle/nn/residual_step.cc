#include "heddle/nn/residual_step.h"

#include "heddle/ops/linear.h"

namespace heddle::nn {

ResidualStep::ResidualStep(Parameters& parameters, const std::string& name, int layer, const ResidualStepConfig& config)
    : scheme_(residuals::make({parameters, name, layer}, config.residual)),
      dropout_(name + ".dropout", config.dropout) {
  const auto norm = [&](const char* part) { return norms::make({parameters, name + part, layer}, config.norm); };
  switch (config.norm_place) {
    case NormPlace::post: after_ = norm(".norm"); break;
    case NormPlace::pre:
      if (config.reads_norm) before_ = norm(".norm");
      break;
    case NormPlace::sandwich:
      before_ = norm(".norm");
      of_branch_ = norm(".branch_norm");
      break;
    case NormPlace::both:
      before_ = norm(".norm");
      after_ = norm(".sum_norm");
      break;
  }
}

Tensor ResidualStep::enter(const Pass& pass, const Tensor& x, const Rows& rows) const {
  const Tensor read = scheme_->enter(pass, x, rows);
  return before_ ? before_->forward(pass, read, rows) : read;
}

Tensor ResidualStep::leave(const Pass& pass, const Tensor& x, const Tensor& branch, const Tensor& bias,
                           const Rows& rows) const {
  if (of_branch_ || dropout_.acts_after(pass)) {
    Tensor whole = bias.defined() ? ops::bias_activation(branch, bias, rows, {}) : branch;
    if (of_branch_) whole = of_branch_->forward(pass, whole, rows);
    return join(pass, x, dropout_.after(pass, whole, rows), {}, rows);
  }
  return join(pass, x, branch, bias, rows);
}

Tensor ResidualStep::join(const Pass& pass, const Tensor& x, const Tensor& branch, const Tensor& bias,
                          const Rows& rows) const {
  const ops::DropoutSite dropout = dropout_.fused(pass);
  if (!after_) return scheme_->add(pass, x, branch, bias, rows, dropout);
  if (scheme_->is_plain_sum()) return after_->after_sum(pass, branch, bias, x, rows, dropout);
  return after_->forward(pass, scheme_->add(pass, x, branch, bias, rows, dropout), rows);
}

}  // namespace heddle::nn
