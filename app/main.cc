// The command `heddle`: picks a subcommand, and turns errors into one line and an exit code (docs/errors.md).

#include <csignal>
#include <cstdio>
#include <new>

#include "app/build_facts.h"
#include "app/commands.h"
#include "app/thread_waiting.h"
#include "heddle/base/error.h"

namespace {

constexpr int kMachineRefused = 1, kBadInput = 2;

int run_chosen(const heddle::app::CommandLine& line) {
  try {
    return line.run_chosen();
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

}  // namespace

int main(int argc, char** argv) {
  heddle::app::shorten_thread_waiting(argv);
  heddle::app::CommandLine line("Heddle: train Transformers and use them, in one native program.",
                                heddle::app::build_facts());
  heddle::app::Command app = line.root();
  app.example("heddle train recipes/demo/dates.toml --out build/demo/run");
  heddle::app::add_train_command(app);
  heddle::app::add_sweep_command(app);
  heddle::app::add_translate_command(app);
  heddle::app::add_complete_command(app);
  heddle::app::add_eval_command(app);
  heddle::app::add_metric_command(app);
  heddle::app::add_tokenizer_command(app);
  heddle::app::add_data_command(app);
  heddle::app::add_vectors_command(app);
  heddle::app::add_info_command(app);
  heddle::app::add_config_command(app);
  heddle::app::add_recipes_command(app);
  heddle::app::add_init_command(app);
  heddle::app::add_demo_command(app);
  heddle::app::add_einsum_command(app);
  heddle::app::add_inspect_command(app);
  heddle::app::add_lab_command(app);
  if (const auto code = line.parse(argc, argv)) return *code;
  return run_chosen(line);
}
