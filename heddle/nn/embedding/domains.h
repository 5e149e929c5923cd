#pragma once
// v = Σ_i p_i·v_i, p = softmax(L[domain]): the texts of each domain say how much of each source they take, which starts
// as the mean (Wu et al. 2020, "Task-oriented domain-specific meta-embedding", weigh general and domain vectors). A
// text of no known domain has the mean of all rows of L. O(n·m·d) and 2·n·D·m operations, D·m weights of D domains.

#include <algorithm>

#include "heddle/nn/embedding/weighed_sources.h"
#include "heddle/nn/weight.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/transposed_linear.h"
#include "heddle/ops/workspace.h"

namespace heddle::nn::embeddings {

class Domains : public Fusion {
 public:
  static constexpr Idea kIdea = {.name = "domains",
                                 .formula = "Σ_i p_i·v_i, p = softmax(L[domain])",
                                 .cost = "O(nd) a source, Dm weights",
                                 .paper = "Wu et al. 2020",
                                 .traits = {.needs_domains = true}};
  static constexpr bool kSideBySide = false;
  Domains(const Place& place, const FusionConfig& config)
      : domains_(config.domains),
        logits_(place.parameters.declare({.name = place.name + ".logits.weight",
                                          .role = "embedding",
                                          .shape = {config.domains, config.sources},
                                          .init = Init::zeros()})) {}

  // Throws InputError for a domain beyond the last.
  Tensor fuse(const Pass& pass, std::span<const Tensor> parts, const Rows& rows) const override {
    const Tensor scores = ops::transposed_linear(shares(rows, parts[0].dtype()), weight(logits_, pass).dense(), rows);
    return weighed_sources(parts, scores, rows);
  }

 private:
  // [tokens, domains]: 1 for a token's own, or an equal share of each.
  Tensor shares(const Rows& rows, DType dtype) const {
    const Tensor of_rows = ops::new_zeros({rows.count(), domains_}, dtype);
    ops::with_real_type(dtype, [&]<class T>(T) {
      T* row = of_rows.data<T>();
      for (int64_t r = 0; r < rows.count(); ++r, row += domains_) {
        const int32_t domain = rows.domain.empty() ? kNoDomain : rows.domain[static_cast<size_t>(r)];
        if (domain >= domains_)
          fail_input("a text is of domain {}, but the model has weights for {} domains, from 0", domain, domains_);
        if (domain < 0) std::fill_n(row, domains_, T{1} / static_cast<T>(domains_));
        else row[domain] = 1;
      }
    });
    return of_rows;
  }

  int64_t domains_;
  ParameterId logits_;
};

}  // namespace heddle::nn::embeddings
