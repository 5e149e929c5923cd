#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <iostream>

#include "app/commands.h"
#include "heddle/base/error.h"
#include "heddle/data/line_reader.h"
#include "heddle/metrics/bleu.h"

namespace heddle::app {
namespace {

std::vector<std::string> lines_of_file(const std::string& file) {
  data::LineReader reader(file);
  std::vector<std::string> lines;
  for (std::string line; reader.next(line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> lines_of_input() {
  std::vector<std::string> lines;
  for (std::string line; std::getline(std::cin, line);) lines.push_back(line);
  return lines;
}

}  // namespace

void add_metric_command(CLI::App& app, Chosen& chosen) {
  struct Flags {
    std::vector<std::string> references;
    metrics::BleuOptions options;
    bool json = false;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* command = app.add_subcommand("metric", "Compare hypotheses on stdin with references.");
  command->require_subcommand(1);
  CLI::App* bleu = command->add_subcommand("bleu", "Corpus BLEU, as sacreBLEU computes it.");
  bleu->add_option("--reference", flags->references, "Reference file; may be given several times")->required()->allow_extra_args(false);
  bleu->add_flag("--lowercase", flags->options.lowercase, "Compare in lower case");
  bleu->add_option("--tokenize", flags->options.tokenize, "13a, intl, zh, char or none")->check(CLI::IsMember({"13a", "intl", "zh", "char", "none"}));
  bleu->add_flag("--json", flags->json, "One JSON object on stdout");
  bleu->footer("Example:\n  heddle metric bleu --reference valid.de < hypotheses");
  bleu->callback([flags, &chosen] {
    chosen = [flags] {
      std::vector<std::vector<std::string>> references;
      for (const std::string& file : flags->references) references.push_back(lines_of_file(file));
      const metrics::Bleu b = metrics::bleu(lines_of_input(), references, flags->options);
      if (flags->json) {
        const nlohmann::ordered_json json = {{"metric", "bleu"}, {"score", b.score}, {"precisions", b.precisions}, {"brevity_penalty", b.brevity_penalty},
                                             {"hypothesis_length", b.hypothesis_length}, {"reference_length", b.reference_length},
                                             {"tokenize", flags->options.tokenize}, {"lowercase", flags->options.lowercase}};
        fmt::print("{}\n", json.dump());
      } else {
        fmt::print("BLEU {:.2f}  {:.1f}/{:.1f}/{:.1f}/{:.1f}  (brevity penalty {:.3f}, {} tokens against {})\n", b.score, b.precisions[0], b.precisions[1],
                   b.precisions[2], b.precisions[3], b.brevity_penalty, b.hypothesis_length, b.reference_length);
      }
      return 0;
    };
  });
}

}  // namespace heddle::app
