#include "app/command_line.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <regex>

#include "heddle/base/nearest.h"

namespace heddle::app {
namespace {

constexpr int kBadInput = 2;

int explain(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(sub->get_name());
  const std::string near = argc > 1 ? nearest_name(argv[1], names) : "";
  const bool unknown = argc > 1 && argv[1][0] != '-' && std::ranges::find(names, argv[1]) == names.end();
  if (unknown)
    std::fprintf(stderr, "heddle: there is no command \"%s\"%s%s%s; see heddle --help\n", argv[1],
                 near.empty() ? "" : "; did you mean ", near.c_str(), near.empty() ? "" : "?");
  else std::fprintf(stderr, "heddle: %s; see --help\n", error.what());
  return kBadInput;
}

}  // namespace

Option& Option::required() {
  option_->required();
  return *this;
}

Option& Option::between(int64_t least, int64_t most) {
  option_->check(CLI::Range(least, most));
  return *this;
}

Option& Option::one_of(const std::vector<std::string>& names) {
  option_->check(CLI::IsMember(names));
  return *this;
}

Option& Option::existing_folder() {
  option_->check(CLI::ExistingDirectory);
  return *this;
}

Option& Option::one_value_each() {
  option_->allow_extra_args(false);
  return *this;
}

Option& Option::alone_means(const std::string& value) {
  option_->expected(0, 1)->default_str(value);
  return *this;
}

Option& Option::excludes(const std::string& other) {
  option_->excludes(other);
  return *this;
}

Option& Option::show_default() {
  option_->capture_default_str();
  return *this;
}

Command Command::command(const std::string& name, const std::string& about) {
  return {*app_->add_subcommand(name, about), *chosen_};
}

Command Command::group(const std::string& name, const std::string& about) {
  CLI::App* group = app_->add_subcommand(name, about);
  group->require_subcommand(1);
  return {*group, *chosen_};
}

template <class T>
Option Command::option(const std::string& name, T& value, const std::string& help) {
  return Option(app_->add_option(name, value, help));
}
template Option Command::option(const std::string&, std::string&, const std::string&);
template Option Command::option(const std::string&, std::filesystem::path&, const std::string&);
template Option Command::option(const std::string&, int&, const std::string&);
template Option Command::option(const std::string&, int64_t&, const std::string&);
template Option Command::option(const std::string&, uint64_t&, const std::string&);
template Option Command::option(const std::string&, double&, const std::string&);
template Option Command::option(const std::string&, std::vector<std::string>&, const std::string&);
template Option Command::option(const std::string&, std::vector<int>&, const std::string&);

Option Command::flag(const std::string& name, bool& value, const std::string& help) {
  return Option(app_->add_flag(name, value, help));
}

void Command::example(const std::string& lines) {
  app_->footer("Example:\n  " + std::regex_replace(lines, std::regex("\n"), "\n  "));
}

void Command::run(Body body) {
  app_->callback([chosen = chosen_, body = std::move(body)] { *chosen = body; });
}

CommandLine::CommandLine(const std::string& about, const std::string& version)
    : app_(std::make_unique<CLI::App>(about)) {
  app_->set_version_flag("--version", version);
  app_->require_subcommand(1);
}

CommandLine::~CommandLine() = default;

Command CommandLine::root() { return {*app_, chosen_}; }

std::optional<int> CommandLine::parse(int argc, char** argv) {
  try {
    app_->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return explain(*app_, error, argc, argv);
  }
  return std::nullopt;
}

}  // namespace heddle::app
