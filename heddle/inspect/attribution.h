#pragma once
// What each input token has to do with each output token: gradients of its log-probability with respect to the embedded
// inputs, on the tape.
//
//   influence            ‖∂f/∂x_j‖
//   gradient_input       Σ_c x_jc · ∂f/∂x_jc                                        (Shrikumar et al. 2016)
//   integrated_gradients Σ_c (x_jc - b_jc) · ∫₀¹ ∂f/∂x_jc (b + α(x - b)) dα         (Sundararajan et al. 2017)
//
// f is the log-probability of one output token given everything before it, x_j the embedding of input token j with its
// position, b the same sequence with every token replaced by a neutral one (zeros would stand where norms have no
// slope). The attributions of integrated gradients add up to f(x) - f(b), over source and prefix, as well as the
// middles of `steps` steps approximate the integral.

#include <vector>

#include "heddle/inspect/findings.h"
#include "heddle/inspect/subject.h"

namespace heddle::inspect {

enum class Attribution : uint8_t { influence, gradient_input, integrated_gradients };

struct Attributions {
  Matrix source, prefix;                // [output token that is asked for][input token]; no source without an encoder
  std::vector<double> value, baseline;  // f(x) and f(b) by output token
};

// Of the only example of the batch; its outputs are target_out. `neutral` is the baseline's token.
Attributions attribute(const Subject& subject, const data::TranslationBatch& example, Attribution method,
                       int32_t neutral, int steps = 64);

// Spearman's correlation of two rows: how far an attention and an attribution agree about what matters.
double rank_correlation(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace heddle::inspect
