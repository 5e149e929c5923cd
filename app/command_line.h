#pragma once
// What the commands see of the command line: options bound to variables, and a body to run. CLI11 does the work in one
// file, so that the others do not each compile it.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace heddle::app {

// A command's body returns the exit code.
using Body = std::function<int()>;

class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}
  Option& required();
  Option& between(int64_t least, int64_t most);
  Option& one_of(const std::vector<std::string>& names);
  Option& existing_folder();
  // Each value needs the option's name before it.
  Option& one_value_each();
  // The option alone, without a value, means `value`.
  Option& alone_means(const std::string& value);
  Option& excludes(const std::string& other);
  // Help says what the variable holds now.
  Option& show_default();

 private:
  CLI::Option* option_;
};

class Command {
 public:
  Command(CLI::App& app, Body& chosen) : app_(&app), chosen_(&chosen) {}

  Command command(const std::string& name, const std::string& about);
  // A command that only holds others, one of which must follow.
  Command group(const std::string& name, const std::string& about);

  // `name` begins with "--", or is the place of an argument. T: string, path, int, int64_t, uint64_t, double, or a
  // vector of strings or ints. The variable must live as long as the command's body.
  template <class T>
  Option option(const std::string& name, T& value, const std::string& help);
  Option flag(const std::string& name, bool& value, const std::string& help);
  // Lines of shell, shown below the help.
  void example(const std::string& lines);
  // What happens when this command is chosen.
  void run(Body body);

 private:
  CLI::App* app_;
  Body* chosen_;
};

class CommandLine {
 public:
  CommandLine(const std::string& about, const std::string& version);
  ~CommandLine();

  Command root();
  // The exit code when there is nothing to run: 0 after --help, 2 with a sentence on stderr for what is not understood.
  std::optional<int> parse(int argc, char** argv);
  int run_chosen() const { return chosen_(); }

 private:
  std::unique_ptr<CLI::App> app_;
  Body chosen_;
};

}  // namespace heddle::app
