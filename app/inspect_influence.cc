#include "app/inspect.h"
#include "heddle/base/error.h"
#include "heddle/inspect/attention_maps.h"
#include "heddle/inspect/attribution.h"

namespace heddle::app {
namespace {

struct InfluenceFlags : InspectFlags {
  std::string method = "influence";
  int64_t sentence = 1;
  int steps = 64;
};

inspect::Attribution method_named(const std::string& name) {
  if (name == "gradient_input") return inspect::Attribution::gradient_input;
  return name == "integrated" ? inspect::Attribution::integrated_gradients : inspect::Attribution::influence;
}

// What stands for no token at all: padding, which no sentence holds, else the beginning.
int32_t neutral_token(const text::Tokenizer& tokenizer) {
  return tokenizer.pad_id() ? *tokenizer.pad_id() : *tokenizer.begin_id();
}

inspect::Matrix sizes(inspect::Matrix matrix) {
  for (auto& row : matrix)
    for (double& value : row) value = std::abs(value);
  return matrix;
}

// What the last layer's attention, mean over its heads, has to do with each output: cross-attention and the source, or
// in a language model self-attention and the tokens up to the one before the output.
struct Agreement {
  inspect::Matrix attention;
  bool with_source;

  Agreement(const Inspected& inspected, const data::TranslationBatch& example)
      : with_source(inspected.subject().model.has_encoder()) {
    inspect::AttentionReader reader(with_source ? "cross_attention" : "decoder.");
    inspect::run(inspected.subject(), example, &reader);
    if (reader.maps().empty()) return;
    const inspect::Matrix all = inspect::mean_over_heads(reader.maps(), reader.maps().back().attention, 0);
    const auto asked = example.target_out.sequence(0);
    for (size_t i = 0; i < asked.size(); ++i) {
      if (asked[i] < 0) continue;
      attention.push_back(all[i]);
      if (!with_source) attention.back().resize(i + 1);
    }
  }
  double of(const inspect::Attributions& found, size_t i) const {
    if (attention.empty()) return 0;
    std::vector<double> values = with_source ? found.source[i] : found.prefix[i];
    values.resize(attention[i].size());
    for (double& value : values) value = std::abs(value);
    return inspect::rank_correlation(values, attention[i]);
  }
};

inspect::Findings influence(const InfluenceFlags& flags) {
  Inspected inspected(flags);
  read_examples(flags, inspected);
  const int64_t sentence = flags.sentence - 1;
  if (sentence >= inspected.examples.size())
    fail_input("--sentence {}: there are {} sentences", flags.sentence, inspected.examples.size());
  const data::TranslationBatch example = inspected.examples.one(sentence);
  const auto found = inspect::attribute(inspected.subject(), example, method_named(flags.method),
                                        neutral_token(inspected.tokenizer()), flags.steps);
  const auto source = inspected.source_labels(sentence), prefix = inspected.input_labels(sentence),
             output = inspected.output_labels(sentence);
  const Agreement agreement(inspected, example);

  inspect::Findings findings = {.title = "Influence on the outputs of " + flags.model};
  inspect::Table table = {
      .name = "outputs",
      .caption =
          fmt::format("What the log-probability of each output token depends on ({}); agreement: rank correlation "
                      "with the last {}:",
                      flags.method, agreement.with_source ? "cross-attention" : "self-attention"),
      .columns = {"output", "log p", "of neutral"}};
  if (agreement.with_source) table.columns.insert(table.columns.end(), {"most in source", "source value"});
  table.columns.insert(table.columns.end(), {"most in prefix", "prefix value", "agreement"});
  for (size_t i = 0; i < output.size(); ++i) {
    auto& row = table.rows.emplace_back();
    row = {output[i], found.value[i], found.baseline[i]};
    for (const auto& [matrix, labels] : {std::pair{&found.source, &source}, {&found.prefix, &prefix}}) {
      if (matrix->empty()) continue;
      const auto& values = (*matrix)[i];
      size_t best = 0;
      for (size_t j = 0; j < values.size(); ++j)
        if (std::abs(values[j]) > std::abs(values[best])) best = j;
      row.emplace_back((*labels)[best]);
      row.emplace_back(values[best]);
    }
    row.emplace_back(agreement.of(found, i));
  }
  findings.tables.push_back(std::move(table));
  if (!flags.json && flags.html.empty()) return findings;
  const auto add =
      [&](const std::string& name, const std::vector<std::string>& columns, const inspect::Matrix& values) {
    const inspect::Matrix drawn = flags.json && flags.html.empty() ? values : sizes(values);
    findings.maps.push_back({name, flags.method, output, columns, drawn, inspect::largest(drawn)});
  };
  if (agreement.with_source) add("source", source, found.source);
  add("prefix", prefix, found.prefix);
  return findings;
}

}  // namespace

void add_inspect_influence(Command& group) {
  auto flags = std::make_shared<InfluenceFlags>();
  Command command = group.command("influence", "What each output token depends on, by gradients.");
  add_inspect_flags(command, *flags);
  command.option("--method", flags->method, "Norm of the gradient, gradient times input, or integrated gradients")
      .one_of({"influence", "gradient_input", "integrated"})
      .show_default();
  command.option("--sentence", flags->sentence, "Which one").between(1, 1000000).show_default();
  command.option("--steps", flags->steps, "Of the integral").between(1, 4096).show_default();
  command.example("echo 'A dog runs.' | heddle inspect influence --model run --method integrated");
  command.run([flags] { return show(influence(*flags), *flags); });
}

}  // namespace heddle::app
