#include "heddle/model/variants_page.h"

#include <fmt/format.h>

#include "heddle/nn/attention/feature_map.h"
#include "heddle/nn/attention/kind.h"
#include "heddle/nn/attention/projection.h"
#include "heddle/nn/attention/score.h"
#include "heddle/nn/feedforward/factory.h"
#include "heddle/nn/norm/factory.h"
#include "heddle/nn/position/factory.h"
#include "heddle/nn/residual/factory.h"

namespace heddle::model {
namespace {

// What a config must heed.
std::string remarks(const nn::Traits& traits) {
  std::string all;
  const auto add = [&](bool has, const char* remark) {
    if (has) all += (all.empty() ? "" : ", ") + std::string(remark);
  };
  add(traits.batch_statistics, "training mixes the examples of a batch");
  add(!traits.causal_safe, "looks ahead");
  add(traits.needs_query, "needs queries");
  add(traits.fixed_length, "no position beyond max_length");
  add(traits.self_only, "self-attention alone");
  return all.empty() ? "–" : all;
}

// A bar would end a cell.
std::string cell(std::string_view text) {
  std::string safe;
  for (const char c : text) safe += c == '|' ? "\\|" : std::string(1, c);
  return safe;
}

template <class Entry>
std::string table(std::string_view title, std::string_view key, std::string_view folder,
                  std::span<const Entry> entries) {
  std::string text = fmt::format(
      "\n## {}: `{}`\n\n| value | what it computes | cost | heed | paper |\n|---|---|---|---|---|\n", title, key);
  for (const Entry& entry : entries) {
    const nn::Idea& idea = entry.idea;
    text += fmt::format("| [`{}`](../heddle/nn/{}/{}.h) | {} | {} | {} | {} |\n", idea.name, folder, idea.name,
                        cell(idea.formula), cell(idea.cost), remarks(idea.traits), cell(idea.paper));
  }
  return text;
}

}  // namespace

std::string variants_page() {
  return std::string(
             "# Every idea is a value\n\n"
             "Each row is one file and one value of the config key above it; `[model.encoder]`, `[model.decoder]` and\n"
             "`[[model.layer]]` override `model.X`. n is the length of a sequence, d the model's width, h the heads, "
             "d_h the\n"
             "width of a head, f the inner width of the feed-forward network, r a rank. What makes no sense together "
             "is\n"
             "refused with a sentence that names both keys. This page is written by `heddle config variants`.\n") +
         table("Feed-forward networks", "model.ffn_kind", "feedforward", nn::feedforward::all()) +
         table("Norms", "model.norm", "norm", nn::norms::all()) +
         "\nWhere they stand is `model.norm_place`: `post` norm(x + f(x)), `pre` x + f(norm(x)), `sandwich`\n"
         "x + norm(f(norm(x))), `both` norm(x + f(norm(x))) ([residual_step.h](../heddle/nn/residual_step.h)).\n"
         "`model.attention.qk_norm` normalizes the queries and keys of each head\n"
         "([qk_norm.h](../heddle/nn/attention/qk_norm.h)).\n" +
         table("Residual schemes", "model.residual", "residual", nn::residuals::all()) +
         "\n`model.stochastic_depth` goes with each of them "
         "([stochastic_depth.h](../heddle/nn/residual/stochastic_depth.h)).\n" +
         table("Positions", "model.position", "position", nn::positions::all()) +
         "\nOnce, or with `model.position_per_layer` in every layer: added again, or with weights of its own.\n" +
         table("Attention: how values are mixed", "model.attention.kind", "attention", nn::attentions::all_kinds()) +
         "\nA kind without a softmax has no attention weights: nothing is added to its scores, dropout has nothing to "
         "drop, and\nits mask is full or causal.\n" +
         table("Attention: features of kind linear", "model.attention.feature_map", "attention",
               nn::attentions::all_feature_maps()) +
         table("Attention: scores", "model.attention.score", "attention", nn::attentions::all_scores()) +
         table("Attention: queries, keys and values", "model.attention.projection", "attention",
               nn::attentions::all_projections()) +
         "\n## Attention: who sees whom: `model.attention.mask`\n\n"
         "An expression of `full`, `causal`, `window(w)`, `dilated(s)`, `prefix(k)`, `block(b)` and `diagonal`, joined "
         "by\n"
         "`&`, `|`, `~` and brackets: `causal & window(128)`, `prefix(32) | causal`, `~diagonal`. The kernel asks it "
         "tile by\n"
         "tile and skips tiles that see nothing; a row with nothing to see gives zeros\n"
         "([mask.h](../heddle/kernels/mask.h)).\n";
}

}  // namespace heddle::model
