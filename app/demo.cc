
#include <filesystem>
#include <memory>
#include <string>

#include "app/demo_report.h"
#include "heddle/base/error.h"
#include "heddle/base/file.h"
#include "heddle/base/log.h"
#include "heddle/data/dates.h"

namespace heddle::app {
namespace {

struct DemoFlags {
  std::filesystem::path out;
  data::DatesSizes sizes;
  uint64_t seed = 1;
};

// Two aligned files, NAME.source and NAME.target.
void write_pairs(const std::filesystem::path& folder, const std::string& name,
                 const std::vector<data::TextPair>& pairs) {
  std::string source, target;
  for (const data::TextPair& pair : pairs) {
    source += pair.source + "\n";
    target += pair.target + "\n";
  }
  write_file_atomic(folder / (name + ".source"), source);
  write_file_atomic(folder / (name + ".target"), target);
}

int write_demo_data(const DemoFlags& flags) {
  const data::DatesTask task = data::make_dates(flags.sizes, flags.seed);
  std::error_code error;
  std::filesystem::create_directories(flags.out, error);
  if (error) fail_system("cannot create {}: {}", flags.out.string(), error.message());
  write_pairs(flags.out, "train", task.train);
  write_pairs(flags.out, "valid", task.valid);
  write_pairs(flags.out, "test", task.test);
  log_info("{}: {} lines to train on, {} to validate, {} to test, as train.source, train.target, ...",
           flags.out.string(), task.train.size(), task.valid.size(), task.test.size());
  return 0;
}

}  // namespace

void add_demo_command(Command app) {
  auto flags = std::make_shared<DemoFlags>();
  Command command = app.group("demo", "What `make demo` is made of.");
  Command data = command.command("data", "Write dates, times and quantities in six languages, with their normal form.");
  data.option("--out", flags->out, "Folder for train, valid and test").required();
  data.option("--train", flags->sizes.train, "Lines to train on").show_default();
  data.option("--valid", flags->sizes.valid, "Lines to validate on").show_default();
  data.option("--test", flags->sizes.test, "Lines to test on").show_default();
  data.option("--seed", flags->seed, "Other seeds give other lines; what is held out stays").show_default();
  data.example(
      "heddle demo data --out build/demo/data\n"
      "heddle train recipes/demo/dates.toml --out build/demo/run "
      "--set data.dir=build/demo/data");
  data.run([flags] { return write_demo_data(*flags); });
  add_demo_report_command(command);
}

}  // namespace heddle::app
