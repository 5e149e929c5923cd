#include <fmt/format.h>

#include <utility>

#include "app/commands.h"
#include "heddle/base/error.h"
#include "heddle/base/file.h"
#include "heddle/base/log.h"
#include "heddle/data/check/print_report.h"
#include "heddle/data/curate/curate.h"
#include "heddle/data/images/picture_file.h"
#include "heddle/data/parallel_text.h"
#include "heddle/data/readers/format.h"
#include "heddle/task/domains.h"
#include "heddle/text/tokenizer.h"

namespace heddle::app {
namespace {

namespace fs = std::filesystem;

// How files are read; every subcommand has these.
struct ReadFlags {
  std::string format;
  std::vector<std::string> columns;
  bool header = false, no_header = false;
  int64_t longest_mib = 16, most_unpacked_mib = 0;
  double most_ratio = data::UnpackLimits{}.most_ratio;
};

void add_read_flags(Command& command, ReadFlags& flags) {
  command.option("--format", flags.format,
                 "lines, csv, tsv, jsonl, json, conll, labelled, triples, images; else guessed");
  command.option("--column", flags.columns, "A name for a column without one, or a path in JSON; once for each")
      .one_value_each();
  command.flag("--header", flags.header, "The first line of a table names its columns");
  command.flag("--no-header", flags.no_header, "It does not").excludes("--header");
  command.option("--longest-row", flags.longest_mib, "MiB that a row may have").between(1, 4096);
  command.option("--most-unpacked", flags.most_unpacked_mib, "MiB that an archive may unpack to; 0: any")
      .between(0, 1 << 30);
  command.option("--most-ratio", flags.most_ratio, "How many times its size an archive may unpack to")
      .between(1, 1000000000);
}

data::ReaderOptions reader_options(const ReadFlags& flags) {
  data::ReaderOptions options;
  if (!flags.format.empty()) options.format = data::format_named(flags.format);
  options.columns = flags.columns;
  if (flags.header || flags.no_header) options.header = flags.header;
  options.limits = {.longest_line = static_cast<size_t>(flags.longest_mib) << 20,
                    .unpacked = {.most_ratio = flags.most_ratio, .most_bytes = flags.most_unpacked_mib << 20}};
  return options;
}

// The files that the arguments name: patterns, and all files of a folder; a folder of pictures in classes by itself.
std::vector<fs::path> files_of(const std::vector<std::string>& arguments) {
  std::vector<fs::path> files;
  for (const std::string& argument : arguments) {
    const bool folder = fs::is_directory(argument);
    auto found = folder ? data::picture_folders(argument) : std::vector<fs::path>();
    if (found.empty()) found = data::glob_files(folder ? (fs::path(argument) / "*").string() : argument);
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

// The two parts of a recipe's data, of each of its domains: pairs, or for a language model perhaps whole texts.
std::vector<data::DataSet> sets_of_recipe(const std::string& file, const task::DataConfig& config) {
  const std::vector<std::string> names = task::domain_names(config);
  const bool texts = !config.train_text.empty();
  std::vector<data::DataSet> sets;
  for (const int32_t domain : task::domains_of(config, texts ? config.train_text : config.train_source)) {
    const auto find = [&](const std::string& name) {
      return data::find_data_file(config.dir, task::file_of_domain(config, name, domain));
    };
    const auto part = [&](data::Split split, const std::string& source, const std::string& target) {
      data::DataPart files = {split, {find(source)}, !target.empty()};
      if (files.parallel) files.files.push_back(find(target));
      return files;
    };
    const std::string of = domain == kNoDomain ? "" : ", domain " + names[static_cast<size_t>(domain)];
    sets.push_back({file + of, texts
                                   ? std::vector{part(data::Split::train, config.train_text, ""),
                                                 part(data::Split::valid, config.valid_text, "")}
                                   : std::vector{part(data::Split::train, config.train_source, config.train_target),
                                                 part(data::Split::valid, config.valid_source, config.valid_target)}});
  }
  return sets;
}

struct CheckFlags {
  ReadFlags read;
  std::vector<std::string> inputs;
  std::string tokenizer, html;
  int64_t max_tokens = 0;
  bool json = false;
};

struct CheckedSet {
  data::DataSet set;
  int64_t max_tokens = 0;  // of its recipe; 0: any
};

// Of all recipes among the arguments, and of all files.
std::vector<CheckedSet> sets_of(const std::vector<std::string>& inputs) {
  std::vector<CheckedSet> sets;
  std::vector<std::string> files;
  for (const std::string& input : inputs) {
    if (!input.ends_with(".toml")) {
      files.push_back(input);
      continue;
    }
    const task::Recipe recipe = task::read_recipe(input, {});
    // Lines of a whole text are read in blocks: none is cut.
    const int64_t most = recipe.data.train_text.empty() ? recipe.data.max_source_tokens : 0;
    for (data::DataSet& set : sets_of_recipe(input, recipe.data)) sets.push_back({std::move(set), most});
  }
  if (!files.empty())
    for (data::DataSet& set : data::group_files(files_of(files))) sets.push_back({std::move(set)});
  return sets;
}

int check(const CheckFlags& flags, bool figures_only) {
  data::CheckOptions options = {.reader = reader_options(flags.read)};
  std::shared_ptr<const text::Tokenizer> tokenizer;
  if (!flags.tokenizer.empty()) {
    tokenizer = std::make_shared<text::Tokenizer>(text::Tokenizer::load(flags.tokenizer));
    options.profile.count_tokens = [&](std::string_view text) { return std::ssize(tokenizer->encode(text)); };
  } else if (flags.max_tokens > 0) {
    fail_input("--max-tokens {} needs --tokenizer FILE, which says what a token is", flags.max_tokens);
  }
  std::vector<data::SetReport> reports;
  for (const CheckedSet& checked : sets_of(flags.inputs)) {
    if (tokenizer) options.profile.max_tokens = flags.max_tokens > 0 ? flags.max_tokens : checked.max_tokens;
    reports.push_back(data::check_data_set(checked.set, options));
  }
  if (!flags.html.empty()) write_file_atomic(flags.html, data::report_as_html(reports));
  fmt::print("{}", flags.json ? data::report_as_json(reports) : data::report_as_text(reports, figures_only));
  for (const data::SetReport& report : reports)
    for (const data::Finding& finding : report.findings)
      if (finding.severity == data::Severity::error) return 2;
  return 0;
}

void add_check(Command& data, bool figures_only) {
  auto flags = std::make_shared<CheckFlags>();
  Command command =
      figures_only
          ? data.command("stats", "Rows, lengths and classes of data.")
          : data.command("check", "What is in data, and what is wrong with them; exit code 2 if an error is found.");
  command.option("inputs", flags->inputs, "Recipes, files, folders and patterns").required();
  command.option("--tokenizer", flags->tokenizer, "tokenizer.json: count tokens too");
  command
      .option("--max-tokens", flags->max_tokens,
              "Rows with more are counted as cut; by default a recipe's data.max_source_tokens")
      .between(1, int64_t{1} << 40);
  command.flag("--json", flags->json, "JSON on stdout");
  command.option("--html", flags->html, "Also write one HTML page");
  add_read_flags(command, flags->read);
  command.example(figures_only ? "heddle data stats train.jsonl.gz"
                               : "heddle data check data/ag_news --html report.html");
  command.run([flags, figures_only] { return check(*flags, figures_only); });
}

struct CurateFlags {
  ReadFlags read;
  std::string file, out;
  std::vector<std::string> others;
  data::SameBy same;
  data::SplitShares shares;
};

void add_split(Command& data) {
  auto flags = std::make_shared<CurateFlags>();
  Command command =
      data.command("split", "Cut a file into train, valid and test; rows of the same text stay together.");
  command.option("file", flags->file, "Rows: lines, csv, tsv, jsonl, conll, labelled, triples").required();
  command.option("--out", flags->out, "Folder to write").required();
  command.option("--valid", flags->shares.valid, "Share for validation").show_default();
  command.option("--test", flags->shares.test, "Share for testing").show_default();
  command.option("--stratify", flags->shares.stratify, "A column whose values all parts have alike");
  command.option("--seed", flags->shares.seed, "Of the draw").show_default();
  command.option("--by", flags->same.columns, "A column that makes rows the same; else those of text").one_value_each();
  add_read_flags(command, flags->read);
  command.example("heddle data split reviews.tsv --out reviews --valid 0.1 --stratify label");
  command.run([flags] {
    const auto counts =
        data::split_file(flags->file, flags->out, flags->shares, flags->same, reader_options(flags->read));
    fmt::print("train {}, valid {}, test {} rows\n", counts.train, counts.valid, counts.test);
    return 0;
  });
}

void add_dedup(Command& data) {
  auto flags = std::make_shared<CurateFlags>();
  Command command = data.command("dedup", "Copy a file without rows that repeat an earlier one.");
  command.option("file", flags->file, "Rows: lines, csv, tsv, jsonl, conll, labelled, triples").required();
  command.option("--out", flags->out, "File to write").required();
  command.option("--against", flags->others, "Also leave out what this file has").one_value_each();
  command.option("--by", flags->same.columns, "A column that makes rows the same; else those of text").one_value_each();
  add_read_flags(command, flags->read);
  command.example("heddle data dedup train.tsv --against valid.tsv --out clean.tsv");
  command.run([flags] {
    const std::vector<fs::path> others(flags->others.begin(), flags->others.end());
    const auto counts = data::dedup_file(flags->file, flags->out, others, flags->same, reader_options(flags->read));
    fmt::print("kept {} rows; {} repeated an earlier one, {} are in the other files\n", counts.kept, counts.repeated,
               counts.in_others);
    return 0;
  });
}

}  // namespace

void add_data_command(Command app) {
  Command command = app.group("data", "Look at data before training on them, and clean them.");
  add_check(command, false);
  add_check(command, true);
  add_split(command);
  add_dedup(command);
}

}  // namespace heddle::app
