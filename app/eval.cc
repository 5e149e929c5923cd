#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "heddle/base/error.h"
#include "heddle/metrics/bleu.h"
#include "heddle/metrics/code_points.h"
#include "heddle/task/language_model.h"
#include "heddle/task/recipe_text.h"
#include "heddle/task/recipe_tokenizer.h"
#include "heddle/task/translator.h"

namespace heddle::app {
namespace {

using Json = nlohmann::ordered_json;

struct EvalFlags {
  std::string model, source, reference, text, domain;
  int beam = 5;
  bool json = false;
};

std::vector<data::TextPair> read_pairs(const EvalFlags& flags) {
  if (flags.source.empty() || flags.reference.empty())
    fail_input("eval compares with --reference what is made of --source, or scores --text; see heddle eval --help");
  return task::read_pairs({flags.source, flags.reference, {}, {}});
}

void eval_translator(const EvalFlags& flags) {
  if (!flags.text.empty())
    fail_input("--text is for language models; {} holds a translator, which needs --source and --reference",
               flags.model);
  const auto pairs = read_pairs(flags);
  task::Translator translator = task::Translator::load(flags.model);
  translator.options().beam = flags.beam;
  translator.set_domain(flags.domain);
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
  if (flags.json) {
    const Json json = {{"lines", lines.size()},
                       {"beam", flags.beam},
                       {"bleu", cased.score},
                       {"bleu_lowercase", lower.score},
                       {"brevity_penalty", cased.brevity_penalty},
                       {"exact_match", share}};
    fmt::print("{}\n", json.dump());
  } else {
    fmt::print("{} lines, beam {}: BLEU {:.2f} (13a, cased), {:.2f} lower-cased; {:.2f} % exactly right\n",
               lines.size(), flags.beam, cased.score, lower.score, share);
  }
}

void eval_language_model(const EvalFlags& flags) {
  const std::filesystem::path folder = flags.model;
  const task::Recipe recipe = task::read_recipe(folder / "config.toml", {});
  const text::Tokenizer tokenizer = text::Tokenizer::load(folder / "tokenizer.json");
  const auto loaded = model::load_model(folder);
  task::check_belongs(tokenizer, loaded->model.config(), folder);
  const int32_t domain = task::domain_number(recipe, flags.domain);
  const nn::Pass pass = {.parameters = loaded->parameters, .weights = loaded->weights, .random = {}};
  if (!flags.text.empty()) {
    const task::DomainText text = {task::read_whole(flags.text), domain};
    const task::LanguageScore score =
        task::score_language(loaded->model, pass, task::encode_texts(recipe.data, {&text, 1}, tokenizer));
    const int64_t characters = std::ssize(metrics::code_points(text.text));
    const double bits = score.bits_per_character(characters);
    if (flags.json)
      fmt::print("{}\n", Json{{"characters", characters},
                              {"tokens", score.tokens},
                              {"bits_per_character", bits},
                              {"perplexity", score.perplexity()}}
                             .dump());
    else
      fmt::print("{} characters, {} tokens: {:.4f} bits per character, perplexity {:.3f}\n", characters, score.tokens,
                 bits, score.perplexity());
    return;
  }
  auto pairs = read_pairs(flags);
  for (data::TextPair& pair : pairs) pair.domain = domain;
  int64_t left_out = 0;
  const data::LanguageSet set = task::encode_questions(pairs, tokenizer, recipe.model.max_length, left_out);
  const task::LanguageScore score = task::score_language(loaded->model, pass, set);
  if (flags.json)
    fmt::print(
        "{}\n",
        Json{{"questions", score.sequences}, {"left_out", left_out}, {"exact_match", score.exact_percent()}}.dump());
  else
    fmt::print("{} questions ({} too long left out): {:.2f} % answered exactly right\n", score.sequences, left_out,
               score.exact_percent());
}

}  // namespace

void add_eval_command(Command app) {
  auto flags = std::make_shared<EvalFlags>();
  Command command = app.command("eval", "Compare what a model makes of a file with a reference, or score a text.");
  command.option("--model", flags->model, "Folder that `heddle train` wrote").required();
  command.option("--source", flags->source, "Text to translate, or questions");
  command.option("--reference", flags->reference, "Its right translation, or the answers, line by line");
  command.option("--text", flags->text, "Language models: a text, scored by bits per character");
  command.option("--domain", flags->domain, "One of data.domains that all of it is of");
  command.option("--beam", flags->beam, "Hypotheses kept").between(1, 1000);
  command.flag("--json", flags->json, "One JSON object on stdout");
  command.example(
      "heddle eval --model run --source valid.en --reference valid.de --beam 5 --json\n"
      "heddle eval --model language_run --text valid.txt");
  command.run([flags] {
    if (model::load_config(flags->model).kind == "decoder_only") eval_language_model(*flags);
    else eval_translator(*flags);
    return 0;
  });
}

}  // namespace heddle::app
