#include "heddle/model/variants_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "heddle/nn/attention/feature_map.h"
#include "heddle/nn/attention/kind.h"
#include "heddle/nn/attention/projection.h"
#include "heddle/nn/attention/score.h"
#include "heddle/nn/embedding/fusion.h"
#include "heddle/nn/embedding/source.h"
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
  add(traits.needs_domains, "needs `data.domains`");
  add(traits.self_only, "self-attention alone");
  add(!traits.exact_gradient, "gradient straight through a rounding");
  add(!traits.whole_gradient, "gradient stops at the memory");
  return all.empty() ? "–" : all;
}

// A bar would end a cell.
std::string cell(std::string_view text) {
  std::string safe;
  for (const char c : text) safe += c == '|' ? "\\|" : std::string(1, c);
  return safe;
}

// What one task measured of the values of one key: their trainings, and of these the cheapest one's time.
struct Column {
  const MeasuredTask& task;
  std::string key;
  std::map<std::string, const Measured*> by_value = {};
  double least_seconds = 0;

  Column(const MeasuredTask& of, std::string_view of_key) : task(of), key(of_key) {
    for (const Measured& row : of.rows) {
      const auto value = row.settings.find(key);
      if (value == row.settings.end()) continue;
      const Measured*& place = by_value[value->second];
      if (!place || row.settings.size() < place->settings.size()) place = &row;
    }
    for (const auto& [value, row] : by_value)
      least_seconds = least_seconds == 0 ? row->cpu_seconds : std::min(least_seconds, row->cpu_seconds);
  }
  std::string title() const { return fmt::format("{}: {}", task.name, task.score_name); }
  std::string cell_of(const std::string& value) const {
    const auto found = by_value.find(value);
    if (found == by_value.end()) return "–";
    const Measured& m = *found->second;
    std::string others;
    for (const auto& [name, set] : m.settings)
      if (name != key) others += fmt::format("{}`{} = {}`", others.empty() ? ", with " : " and ", name, cell(set));
    return fmt::format("{:.2f} ({:.2f} to {:.2f}), {:.2f} t{}", m.mean, m.lowest, m.highest,
                       m.cpu_seconds / least_seconds, others);
  }
};

// The tasks that measured any value of the key.
std::vector<Column> columns_of(std::span<const MeasuredTask> tasks, std::string_view key) {
  std::vector<Column> columns;
  for (const MeasuredTask& task : tasks) {
    Column column(task, key);
    if (!column.by_value.empty()) columns.push_back(std::move(column));
  }
  return columns;
}

std::string titles(const std::vector<Column>& columns) {
  std::string text;
  for (const Column& column : columns) text += fmt::format(" {} |", column.title());
  text += "\n";
  return text;
}

std::string cells(const std::vector<Column>& columns, const std::string& value) {
  std::string text;
  for (const Column& column : columns) text += fmt::format(" {} |", column.cell_of(value));
  return text + "\n";
}

std::string rule(size_t columns) {
  std::string text = "|";
  for (size_t i = 0; i < columns; ++i) text += "---|";
  return text + "\n";
}

template <class Entry>
std::string table(std::span<const MeasuredTask> tasks, std::string_view title, std::string_view key,
                  std::string_view folder, std::span<const Entry> entries) {
  const std::vector<Column> columns = columns_of(tasks, key);
  std::string text = fmt::format("\n## {}: `{}`\n\n| value | what it computes | cost | heed | paper |", title, key) +
                     titles(columns) + rule(5 + columns.size());
  for (const Entry& entry : entries) {
    const nn::Idea& idea = entry.idea;
    text += fmt::format("| [`{}`](../heddle/nn/{}/{}.h) | {} | {} | {} | {} |", idea.name, folder, idea.name,
                        cell(idea.formula), cell(idea.cost), remarks(idea.traits), cell(idea.paper)) +
            cells(columns, std::string(idea.name));
  }
  return text;
}

// Values that no factory lists, such as the expressions of masks; nothing where nothing was measured.
std::string measured_table(std::span<const MeasuredTask> tasks, std::string_view key) {
  const std::vector<Column> columns = columns_of(tasks, key);
  if (columns.empty()) return {};
  std::set<std::string> values;
  for (const Column& column : columns)
    for (const auto& [value, row] : column.by_value) values.insert(value);
  std::string text = "\n| value |" + titles(columns) + rule(1 + columns.size());
  for (const std::string& value : values) text += fmt::format("| `{}` |", cell(value)) + cells(columns, value);
  return text;
}

std::string measurements(std::span<const MeasuredTask> tasks) {
  if (tasks.empty()) return {};
  std::string names;
  for (const MeasuredTask& task : tasks)
    names += fmt::format("{}[{}](../recipes/variants/{}.toml)", names.empty() ? "" : ", ", task.name, task.name);
  return fmt::format(
      "\nColumns named after a task ({}) hold what `heddle sweep` measured: the mean\n"
      "score over seeds (lowest to highest), the processor time as a multiple t of the cheapest value of the same key, "
      "and\nwhat else was set. Times are rough: runs may have shared the machine with other work. The runs are\n"
      "stored in `docs/results/variants/`.\n",
      names);
}

}  // namespace

std::string variants_page(std::span<const MeasuredTask> tasks) {
  return std::string(
             "# Every idea is a value\n\n"
             "Each row is one file and one value of the config key above it; `[model.encoder]`, `[model.decoder]` and\n"
             "`[[model.layer]]` override `model.X`. n is the length of a sequence, d the model's width, h the heads, "
             "d_h the\n"
             "width of a head, f the inner width of the feed-forward network, r a rank. What makes no sense together "
             "is\n"
             "refused with a sentence that names both keys. This page is written by `heddle config variants`.\n") +
         measurements(tasks) +
         table(tasks, "Feed-forward networks", "model.ffn_kind", "feedforward", nn::feedforward::all()) +
         table(tasks, "Norms", "model.norm", "norm", nn::norms::all()) +
         "\nWhere they stand is `model.norm_place`: `post` norm(x + f(x)), `pre` x + f(norm(x)), `sandwich`\n"
         "x + norm(f(norm(x))), `both` norm(x + f(norm(x))) ([residual_step.h](../heddle/nn/residual_step.h)).\n"
         "`model.attention.qk_norm` normalizes the queries and keys of each head\n"
         "([qk_norm.h](../heddle/nn/attention/qk_norm.h)).\n" +
         table(tasks, "Residual schemes", "model.residual", "residual", nn::residuals::all()) +
         "\n`model.hyper_connections` says how many streams, and whether the state has a say in their mixing.\n"
         "`model.stochastic_depth` goes with each of them "
         "([stochastic_depth.h](../heddle/nn/residual/stochastic_depth.h)).\n" +
         "\n## Depth\n\n"
         "`model.share_layers` = k: each k layers in a row are one set of weights, trained by the sum of their "
         "gradients\n"
         "([layer_sharing.h](../heddle/model/layer_sharing.h)). `model.exit_layers`: predictions behind layers before\n"
         "the last, each with a loss of weight `model.exit_weight`; with `decode.exit_threshold` a token stops at the\n"
         "first that is sure enough ([early_exit.h](../heddle/model/early_exit.h)). `train.checkpoint_blocks` = k: "
         "the\n"
         "activations of k layers are dropped and made again together\n"
         "([layer_blocks.h](../heddle/model/layer_blocks.h)).\n" +
         table(tasks, "Dropout: what falls together", "model.dropout_kind", "dropout", nn::dropouts::all()) +
         "\nOn embeddings, branches and neurons, with the probabilities `model.dropout` and `model.ffn_dropout`. "
         "Beside\n"
         "them: `model.attention_dropout` on attention weights, `model.attention.head_dropout` on whole heads\n"
         "([head_dropout.h](../heddle/nn/attention/head_dropout.h)), `model.stochastic_depth` on branches,\n"
         "`train.r_drop`.\n" +
         table(tasks, "Positions", "model.position", "position", nn::positions::all()) +
         "\nOnce, or with `model.position_per_layer` in every layer: added again, or with weights of its own.\n" +
         table(tasks, "Attention: how values are mixed", "model.attention.kind", "attention",
               nn::attentions::all_kinds()) +
         "\n`linear` has no attention weights: nothing is added to its scores, dropout has nothing to drop, and its "
         "mask "
         "is\nfull or causal, as is that of `offsets`. The first tokens as sinks (Xiao et al. 2024, StreamingLLM) are "
         "a "
         "mask:\n`causal & (window(1024) | prefix(4))`.\n" +
         table(tasks, "Attention: features of kind linear", "model.attention.feature_map", "attention",
               nn::attentions::all_feature_maps()) +
         table(tasks, "Attention: scores", "model.attention.score", "attention", nn::attentions::all_scores()) +
         table(tasks, "Attention: queries, keys and values", "model.attention.projection", "attention",
               nn::attentions::all_projections()) +
         "\nOf fused, separate, multi_query and grouped projections the matrices of each head can be taken apart and\n"
         "joined ([head_matrices.h](../heddle/nn/attention/head_matrices.h)). `model.attention.weights = \"sampled\"`\n"
         "trains with weights that are a random draw\n"
         "([sampled_weights.h](../heddle/nn/attention/sampled_weights.h)). `model.decoder.cross.place = \"merged\"` "
         "puts "
         "the\nsource's keys beside those of self-attention, under one softmax\n"
         "([merged_memory.h](../heddle/nn/attention/merged_memory.h)).\n"
         "\n## Attention: who sees whom: `model.attention.mask`\n\n"
         "An expression of values, joined by `&`, `|`, `~` and brackets: `causal & window(128)`, `prefix(32) | "
         "causal`,\n"
         "`~diagonal`. The kernel asks it tile by tile and skips tiles that see nothing; a row with nothing to see "
         "gives\nzeros ([mask.h](../heddle/kernels/mask.h)).\n\n"
         "| value | a query at position q sees the key at k where |\n|---|---|\n"
         "| `full` | always |\n"
         "| `causal` | k ≤ q |\n"
         "| `window(w)` | \\|q − k\\| < w |\n"
         "| `dilated(s)` | s divides q − k |\n"
         "| `prefix(k)` | the key is among the first k |\n"
         "| `block(b)` | both are in the same block of b positions |\n"
         "| `before_block(b, m)` | the key is among the m before the query's block of b positions |\n"
         "| `diagonal` | k = q |\n"
         "| `global(k)` | either is among the first k (Longformer) |\n"
         "| `block_sparse(b, r)` | their blocks of b are the same, neighbours, or one of r random draws of the later "
         "among those before it (BigBird); a third number is the seed |\n"
         "| `document` | both are in the same document of a block that holds several (`data.document_end`) |\n"
         "| `padding` | the key is before its sequence's real end |\n"
         "| `arbitrary(0, 5, 9..12)` | the key is at one of these positions |\n"
         "| `bias(mask, x)` | always; x is added to the scores where the mask shows; joined by `&` alone |\n" +
         measured_table(tasks, "model.attention.mask") +
         table(tasks, "Token vectors: sources", "model.embedding.kind", "embedding", nn::embeddings::all()) +
         table(tasks, "Token vectors: several sources", "model.embedding.fusion", "embedding",
               nn::embeddings::all_fusions()) +
         "\nA source beside the first is a `[[model.embedding.beside]]` with the same keys. V is the number of tokens, "
         "m "
         "of\nsources, D of domains: texts of several files, named in `data.domains`. The output layer shares a table "
         "alone, or one in two factors\n(`model.tie_embeddings`).\n";
}

}  // namespace heddle::model
