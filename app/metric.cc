// heddle metric bleu|chrf|ter: scores hypotheses on stdin against reference files.

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/commands.h"
#include "heddle/base/error.h"
#include "heddle/base/log.h"
#include "heddle/data/line_reader.h"
#include "heddle/metrics/bleu.h"
#include "heddle/metrics/chrf.h"
#include "heddle/metrics/ter.h"
#include "heddle/text/utf8.h"

namespace heddle::app {
namespace {

using Json = nlohmann::ordered_json;
using Lines = std::vector<std::string>;

// What every metric is asked with.
struct Question {
  Lines reference_files;
  std::string tokenize;
  bool lowercase = false, json = false;
};

struct Texts {
  Lines hypotheses;
  std::vector<Lines> references;
};

// Lines as they come; says once for a whole file which are not UTF-8.
class LineStore {
 public:
  explicit LineStore(std::string name) : name_(std::move(name)) {}

  void add(const std::string& line) {
    lines_.push_back(line);
    if (text::is_valid_utf8(line)) return;
    if (broken_++ == 0) first_broken_ = lines_.size();
  }
  Lines take() {
    if (broken_ > 0)
      log_warning("{}: {} of {} lines are not UTF-8, line {} first; the broken bytes count as U+FFFD", name_, broken_,
                  lines_.size(), first_broken_);
    return std::move(lines_);
  }

 private:
  std::string name_;
  Lines lines_;
  size_t broken_ = 0, first_broken_ = 0;
};

Lines read_reference(const std::string& file) {
  data::LineReader reader(file);
  LineStore store(file);
  for (std::string line; reader.next(line);) store.add(line);
  return store.take();
}

// The next line of stdin without its LF; false at the end. Throws for a line that no reference
// could have, before it is stored.
bool next_hypothesis(std::string& line, size_t number) {
  line.clear();
  std::streambuf& in = *std::cin.rdbuf();
  for (int c; (c = in.sbumpc()) != std::streambuf::traits_type::eof();) {
    if (c == '\n') return true;
    line.push_back(static_cast<char>(c));
    if (line.size() > data::LineReader::kLongestLine)
      fail_input("stdin:{}: the line is longer than {} bytes; expected one hypothesis a line", number,
                 data::LineReader::kLongestLine);
  }
  return !line.empty();
}

// Lines beyond `expected` are counted for the message, not stored.
Lines read_hypotheses(size_t expected, const std::string& reference_file) {
  LineStore store("stdin");
  size_t count = 0;
  for (std::string line; next_hypothesis(line, count + 1); ++count)
    if (count < expected) store.add(line);
  if (count == 0)
    fail_input("stdin gave no line; pipe one hypothesis a line into the command, in the order of {}", reference_file);
  if (count != expected)
    fail_input(
        "there are {} hypotheses on stdin but {} lines in {}; line k of one must answer line k of "
        "the other",
        count, expected, reference_file);
  return store.take();
}

Texts read_texts(const Lines& reference_files) {
  Texts texts;
  for (const std::string& file : reference_files) {
    texts.references.push_back(read_reference(file));
    if (texts.references.back().size() != texts.references.front().size())
      fail_input("{} has {} lines but {} has {}; each must answer the same hypotheses", reference_files.front(),
                 texts.references.front().size(), file, texts.references.back().size());
  }
  texts.hypotheses = read_hypotheses(texts.references.front().size(), reference_files.front());
  return texts;
}

// The facts that make two scores comparable come behind those of the metric itself.
void print_json(Json json, const Texts& texts, const Question& question, bool lowercase) {
  json["lines"] = texts.hypotheses.size();
  json["references"] = texts.references.size();
  json["tokenize"] = question.tokenize;
  json["lowercase"] = lowercase;
  fmt::print("{}\n", json.dump());
}

int print_bleu(const Question& question) {
  const Texts texts = read_texts(question.reference_files);
  const metrics::Bleu b = metrics::bleu(texts.hypotheses, texts.references,
                                        {.tokenize = question.tokenize, .lowercase = question.lowercase});
  if (question.json) {
    print_json({{"metric", "bleu"},
                {"score", b.score},
                {"precisions", b.precisions},
                {"matches", b.matches},
                {"totals", b.totals},
                {"brevity_penalty", b.brevity_penalty},
                {"hypothesis_length", b.hypothesis_length},
                {"reference_length", b.reference_length},
                {"smoothing", "exp"}},
               texts, question, question.lowercase);
  } else {
    fmt::print(
        "BLEU {:.2f}  {:.1f}/{:.1f}/{:.1f}/{:.1f}  (brevity penalty {:.3f}, {} tokens against "
        "{})\n",
        b.score, b.precisions[0], b.precisions[1], b.precisions[2], b.precisions[3], b.brevity_penalty,
        b.hypothesis_length, b.reference_length);
  }
  return 0;
}

int print_chrf(const Question& question, metrics::ChrfOptions options) {
  const Texts texts = read_texts(question.reference_files);
  options.tokenize = question.tokenize;
  options.lowercase = question.lowercase;
  const metrics::Chrf c = metrics::chrf(texts.hypotheses, texts.references, options);
  const std::string name =
      fmt::format("chrF{}{}", options.beta, std::string(static_cast<size_t>(options.word_order), '+'));
  if (question.json) {
    print_json({{"metric", "chrf"},
                {"name", name},
                {"score", c.score},
                {"precision", c.precision},
                {"recall", c.recall},
                {"character_order", options.character_order},
                {"word_order", options.word_order},
                {"beta", options.beta}},
               texts, question, question.lowercase);
  } else {
    fmt::print("{} {:.2f}  (precision {:.1f}, recall {:.1f})\n", name, c.score, c.precision, c.recall);
  }
  return 0;
}

int print_ter(const Question& question, bool case_sensitive) {
  const Texts texts = read_texts(question.reference_files);
  const metrics::Ter t =
      metrics::ter(texts.hypotheses, texts.references, {.lowercase = !case_sensitive, .tokenize = question.tokenize});
  if (question.json) {
    print_json({{"metric", "ter"}, {"score", t.score}, {"edits", t.edits}, {"reference_length", t.reference_length}},
               texts, question, !case_sensitive);
  } else {
    fmt::print("TER {:.2f}  ({} edits for {:g} words)\n", t.score, t.edits, t.reference_length);
  }
  return 0;
}

std::shared_ptr<Question> add_question(Command metric, const std::string& tokenize, const std::string& lowercase_help) {
  auto question = std::make_shared<Question>();
  question->tokenize = tokenize;
  metric
      .option("--reference", question->reference_files,
              "Reference file, plain, .gz or .zst; may be given several times")
      .required()
      .one_value_each();
  metric.flag("--lowercase", question->lowercase, lowercase_help);
  metric.option("--tokenize", question->tokenize, "13a, intl, zh, char or none")
      .one_of({"13a", "intl", "zh", "char", "none"})
      .show_default();
  metric.flag("--json", question->json, "One JSON object on stdout");
  return question;
}

void add_bleu(Command command) {
  Command bleu = command.command("bleu", "Corpus BLEU, as sacreBLEU computes it.");
  const auto question = add_question(bleu, "13a", "Compare in lower case");
  bleu.example("heddle metric bleu --reference valid.de --json < hypotheses");
  bleu.run([=] { return print_bleu(*question); });
}

void add_chrf(Command command) {
  Command chrf = command.command("chrf", "Corpus chrF, and with --word-order 2 chrF++, as sacreBLEU computes them.");
  const auto question = add_question(chrf, "none", "Compare in lower case");
  const auto options = std::make_shared<metrics::ChrfOptions>();
  chrf.option("--character-order", options->character_order, "Longest n-grams of characters")
      .between(1, 100)
      .show_default();
  chrf.option("--word-order", options->word_order, "Longest n-grams of words; 2 for chrF++")
      .between(0, 100)
      .show_default();
  chrf.option("--beta", options->beta, "Recall counts so many times as much as precision")
      .between(1, 100)
      .show_default();
  chrf.example("heddle metric chrf --reference valid.de --word-order 2 < hypotheses");
  chrf.run([=] { return print_chrf(*question, *options); });
}

void add_ter(Command command) {
  Command ter = command.command("ter", "Corpus TER, as sacreBLEU computes it: less is better, 0 is the best.");
  const auto question = add_question(ter, "none", "Compare in lower case, which TER does unless --case-sensitive");
  const auto case_sensitive = std::make_shared<bool>(false);
  ter.flag("--case-sensitive", *case_sensitive, "Tell upper from lower case").excludes("--lowercase");
  ter.example("heddle metric ter --reference valid.de --tokenize 13a < hypotheses");
  ter.run([=] { return print_ter(*question, *case_sensitive); });
}

}  // namespace

void add_metric_command(Command app) {
  Command command = app.group("metric", "Compare hypotheses on stdin with references.");
  command.example("heddle metric bleu --reference valid.de < hypotheses");
  add_bleu(command);
  add_chrf(command);
  add_ter(command);
}

}  // namespace heddle::app
