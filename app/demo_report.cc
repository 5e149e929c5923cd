#include <fmt/format.h>

#include "app/demo_report.h"
#include "heddle/base/file.h"
#include "heddle/data/parallel_text.h"
#include "heddle/report/line_chart.h"
#include "heddle/report/page.h"
#include "heddle/task/alignment.h"
#include "heddle/train/run_log.h"

namespace heddle::app {
namespace {

namespace fs = std::filesystem;

// The test inputs, what the model made of them, and how many are exactly right.
struct Answers {
  std::vector<std::vector<report::Markup>> shown;  // the first few, as table rows
  size_t right = 0, all = 0;
};

Answers answer_tests(const task::Translator& translator, const std::vector<data::TextPair>& tests) {
  constexpr size_t kShown = 16;
  std::vector<std::string> inputs;
  inputs.reserve(tests.size());
  for (const auto& test : tests) inputs.push_back(test.source);
  const auto found = translator.translate(inputs);
  Answers answers;
  for (size_t i = 0; i < tests.size(); ++i) {
    const std::string& text = found[i][0].text;
    const bool exact = text == tests[i].target;
    answers.right += exact;
    ++answers.all;
    if (answers.shown.size() >= kShown) continue;
    answers.shown.push_back({tests[i].source, text, exact ? "right" : "wrong, expected " + tests[i].target});
    fmt::print("  {:<44} → {}{}\n", tests[i].source, text, exact ? "" : "   (expected " + tests[i].target + ")");
  }
  return answers;
}

int write_report(const fs::path& run, const fs::path& folder, const fs::path& out) {
  const auto tests = data::read_parallel({folder / "test.source", folder / "test.target"}, [](const std::string&) {});
  task::Translator translator = task::Translator::load(run);
  translator.options().beam = 1;
  const Answers answers = answer_tests(translator, tests);
  const std::string result =
      fmt::format("{} of {} inputs that training never saw are answered exactly right: {:.2f} %.", answers.right,
                  answers.all, 100.0 * static_cast<double>(answers.right) / static_cast<double>(answers.all));
  report::Page page("A Transformer learns dates, times and quantities");
  page.paragraph("The text of the left column goes in, in several languages and styles; its normal form comes out. " +
                 result);
  page.heading("Learning");
  page.figure(report::line_chart("Loss", "step", "nats a token", train::loss_curves(run)),
              "Cross-entropy of the training batches, and of the validation text.");
  page.heading("Inputs it has never seen");
  page.table({"input", "answer", ""}, answers.shown);
  page.heading("Where it looks");
  page.figure(task::alignment_svg(translator, tests.front().source),
              "Cross-attention of the last decoder layer, mean over its heads: a row is an output token, a column an "
              "input token.");
  write_file_atomic(out, page.finish());
  fmt::print("{}\nThe page is {}.\n", result, out.string());
  return 0;
}

}  // namespace

void add_demo_report_command(Command demo) {
  struct Flags {
    std::string model, data, out;
  };
  auto flags = std::make_shared<Flags>();
  Command command = demo.command("report", "Answer the test inputs and write a page about the run.");
  command.option("--model", flags->model, "Folder that `heddle train` wrote").required();
  command.option("--data", flags->data, "Folder that `heddle demo data` wrote").required();
  command.option("--out", flags->out, "HTML file").required();
  command.example("heddle demo report --model build/demo/run --data build/demo/data --out build/demo/report.html");
  command.run([flags] { return write_report(flags->model, flags->data, flags->out); });
}

}  // namespace heddle::app
