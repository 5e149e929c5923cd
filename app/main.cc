// The command `heddle`: picks a subcommand, and turns errors into one line and an exit code (docs/errors.md).

#include <CLI/CLI.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <new>

#include "app/build_facts.h"
#include "app/commands.h"
#include "app/thread_waiting.h"
#include "heddle/base/error.h"
#include "heddle/base/nearest.h"
#include "heddle/base/thread_loop.h"

namespace {

constexpr int kMachineRefused = 1, kBadInput = 2;

int run_chosen(const heddle::app::Chosen& chosen) {
  try {
    return chosen();
  } catch (const heddle::InputError& error) {
    std::fprintf(stderr, "heddle: %s\n", error.what());
    return kBadInput;
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "heddle: out of memory; use smaller batches or a smaller model\n");
    return kMachineRefused;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "heddle: %s\n", error.what());
    return kMachineRefused;
  }
}

int explain(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(sub->get_name());
  const std::string near = argc > 1 ? heddle::nearest_name(argv[1], names) : "";
  const bool unknown = argc > 1 && argv[1][0] != '-' && std::ranges::find(names, argv[1]) == names.end();
  if (unknown)
    std::fprintf(stderr, "heddle: there is no command \"%s\"%s%s%s; see heddle --help\n", argv[1],
                 near.empty() ? "" : "; did you mean ", near.c_str(), near.empty() ? "" : "?");
  else std::fprintf(stderr, "heddle: %s; see --help\n", error.what());
  return kBadInput;
}

}  // namespace

int main(int argc, char** argv) {
  heddle::app::shorten_thread_waiting(argv);
  CLI::App app{"Heddle: train Transformers and use them, in one native program."};
  app.set_version_flag("--version", heddle::app::build_facts());
  app.require_subcommand(1);
  app.footer("Example:\n  heddle train recipes/demo/dates.toml --out build/demo/run");
  heddle::app::Chosen chosen;
  heddle::app::add_train_command(app, chosen);
  heddle::app::add_translate_command(app, chosen);
  heddle::app::add_eval_command(app, chosen);
  heddle::app::add_metric_command(app, chosen);
  heddle::app::add_tokenizer_command(app, chosen);
  heddle::app::add_info_command(app, chosen);
  heddle::app::add_config_command(app, chosen);
  heddle::app::add_recipes_command(app, chosen);
  heddle::app::add_init_command(app, chosen);
  heddle::app::add_demo_command(app, chosen);
  heddle::app::add_lab_command(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return explain(app, error, argc, argv);
  }
  return run_chosen(chosen);
}
