#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "heddle/base/error.h"
#include "heddle/base/log.h"
#include "heddle/data/parallel_text.h"
#include "heddle/metrics/bleu.h"
#include "heddle/task/translator.h"

namespace heddle::app {

void add_eval_command(Command app) {
  struct Flags {
    std::string model, source, reference;
    int beam = 5;
    bool json = false;
  };
  auto flags = std::make_shared<Flags>();
  Command command = app.command("eval", "Translate a file and compare with a reference.");
  command.option("--model", flags->model, "Folder that `heddle train` wrote").required();
  command.option("--source", flags->source, "Text to translate").required();
  command.option("--reference", flags->reference, "Its right translation, line by line").required();
  command.option("--beam", flags->beam, "Hypotheses kept").between(1, 1000);
  command.flag("--json", flags->json, "One JSON object on stdout");
  command.example("heddle eval --model run --source valid.en --reference valid.de --beam 5 --json");
  command.run([flags] {
    const auto pairs = data::read_parallel({flags->source, flags->reference, {}, {}},
                                           [](const std::string& why) { log_warning("{}", why); });
    task::Translator translator = task::Translator::load(flags->model);
    translator.options().beam = flags->beam;
    std::vector<std::string> lines, hypotheses;
    std::vector<std::vector<std::string>> references(1);
    for (const auto& pair : pairs) {
      lines.push_back(pair.source);
      references[0].push_back(pair.target);
    }
    int64_t exact = 0;
    for (const auto& answer : translator.translate(lines)) {
      exact += answer[0].text == references[0][hypotheses.size()];
      hypotheses.push_back(answer[0].text);
    }
    const metrics::Bleu cased = metrics::bleu(hypotheses, references),
                        lower = metrics::bleu(hypotheses, references, {.lowercase = true});
    const double share = 100.0 * static_cast<double>(exact) / static_cast<double>(lines.size());
    if (flags->json) {
      const nlohmann::ordered_json json = {{"lines", lines.size()},
                                           {"beam", flags->beam},
                                           {"bleu", cased.score},
                                           {"bleu_lowercase", lower.score},
                                           {"brevity_penalty", cased.brevity_penalty},
                                           {"exact_match", share}};
      fmt::print("{}\n", json.dump());
    } else {
      fmt::print("{} lines, beam {}: BLEU {:.2f} (13a, cased), {:.2f} lower-cased; {:.2f} % exactly right\n",
                 lines.size(), flags->beam, cased.score, lower.score, share);
    }
    return 0;
  });
}

}  // namespace heddle::app
