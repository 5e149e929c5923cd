
#include <filesystem>
#include <memory>
#include <string>

#include "app/demo_report.h"
#include "heddle/base/error.h"
#include "heddle/base/file.h"
#include "heddle/base/log.h"
#include "heddle/data/dates.h"
#include "heddle/data/listops.h"

namespace heddle::app {
namespace {

struct DemoFlags {
  std::filesystem::path out;
  data::DatesSizes sizes;
  uint64_t seed = 1;
};

struct ListOpsFlags {
  std::filesystem::path out;
  data::ListOpsSizes sizes;
  int64_t train = 20000, valid = 1000;
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

std::vector<data::TextPair> draw_listops(const data::ListOpsSizes& sizes, int64_t count, RandomStream& random) {
  std::vector<data::TextPair> pairs;
  for (int64_t i = 0; i < count; ++i) pairs.push_back(data::draw_listops(random, sizes));
  return pairs;
}

int write_listops(const ListOpsFlags& flags) {
  RandomStream random(RandomKey{.seed = flags.seed}.at("listops"));
  const auto train = draw_listops(flags.sizes, flags.train, random);
  const auto valid = draw_listops(flags.sizes, flags.valid, random);
  create_folder(flags.out);
  write_pairs(flags.out, "train", train);
  write_pairs(flags.out, "valid", valid);
  log_info("{}: {} expressions to train on, {} to validate", flags.out.string(), train.size(), valid.size());
  return 0;
}

int write_demo_data(const DemoFlags& flags) {
  const data::DatesTask task = data::make_dates(flags.sizes, flags.seed);
  create_folder(flags.out);
  write_pairs(flags.out, "train", task.train);
  write_pairs(flags.out, "valid", task.valid);
  write_pairs(flags.out, "test", task.test);
  log_info("{}: {} lines to train on, {} to validate, {} to test, as train.source, train.target, ...",
           flags.out.string(), task.train.size(), task.valid.size(), task.test.size());
  return 0;
}

void add_listops_command(Command group) {
  auto flags = std::make_shared<ListOpsFlags>();
  Command command = group.command("listops", "Write long nested expressions over digits, with their values (ListOps).");
  command.option("--out", flags->out, "Folder for train and valid").required();
  command.option("--train", flags->train, "Expressions to train on").between(1, 10'000'000);
  command.option("--valid", flags->valid, "Expressions to validate on").between(1, 10'000'000);
  command.option("--least-words", flags->sizes.least_words, "Words of the shortest expression").show_default();
  command.option("--most-words", flags->sizes.most_words, "Words of the longest").show_default();
  command.option("--depth", flags->sizes.deepest, "Operators within one another, at most").show_default();
  command.option("--seed", flags->seed, "Other seeds give other expressions").show_default();
  command.example("heddle demo listops --out build/listops --train 20000");
  command.run([flags] { return write_listops(*flags); });
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
  add_listops_command(command);
  add_demo_report_command(command);
}

}  // namespace heddle::app
