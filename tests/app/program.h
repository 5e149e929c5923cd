#pragma once
// Runs the program as a user does, and what its tests need around it: a folder, a little data, a recipe.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/places/places.h"

namespace heddle::app {

namespace fs = std::filesystem;

inline std::string slurp(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

inline void write(const fs::path& file, const std::string& text) { std::ofstream(file, std::ios::binary) << text; }

// A folder of this test's own, removed with it.
class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "heddle-test-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  fs::path operator/(const std::string& name) const { return path_ / name; }
  std::string text() const { return path_.string(); }

 private:
  fs::path path_;
};

struct Finished {
  int code = 0;  // exit code, or -signal
  std::string out, err;
};

// A started program; its output lies in files of `folder`.
class Program {
 public:
  struct Limits {
    rlim_t file_bytes = RLIM_INFINITY;  // a write beyond it fails, as on a full disk
  };
  Program(const Folder& folder, const std::vector<std::string>& arguments, const std::string& input, Limits limits)
      : out_(folder / "out.txt"), err_(folder / "err.txt") {
    write(folder / "in.txt", input);
    const std::string in = (folder / "in.txt").string();
    child_ = fork();
    if (child_ != 0) return;
    redirect(in, O_RDONLY, 0);
    redirect(out_, O_WRONLY | O_CREAT | O_TRUNC, 1);
    redirect(err_, O_WRONLY | O_CREAT | O_TRUNC, 2);
    if (limits.file_bytes != RLIM_INFINITY) {
      signal(SIGXFSZ, SIG_IGN);
      const rlimit limit = {limits.file_bytes, limits.file_bytes};
      setrlimit(RLIMIT_FSIZE, &limit);
    }
    std::vector<char*> argv = {const_cast<char*>(program_path())};
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    execv(program_path(), argv.data());
    _exit(127);
  }
  Program(const Program&) = delete;
  ~Program() {
    if (child_ > 0) {
      kill(SIGKILL);
      wait();
    }
  }

  void kill(int signal) const { ::kill(child_, signal); }
  bool running() {
    if (child_ > 0 && waitpid(child_, &status_, WNOHANG) == child_) child_ = 0;
    return child_ > 0;
  }
  Finished wait() {
    if (child_ > 0) waitpid(child_, &status_, 0);
    child_ = 0;
    return {WIFSIGNALED(status_) ? -WTERMSIG(status_) : WEXITSTATUS(status_), slurp(out_), slurp(err_)};
  }

 private:
  static void redirect(const std::string& file, int flags, int descriptor) {
    const int opened = open(file.c_str(), flags, 0644);
    if (opened < 0 || dup2(opened, descriptor) < 0) _exit(126);
  }
  std::string out_, err_;
  pid_t child_ = 0;
  int status_ = 0;
};

inline Finished run(const Folder& folder, const std::vector<std::string>& arguments, const std::string& input = "",
                    Program::Limits limits = {}) {
  return Program(folder, arguments, input, limits).wait();
}

// A language pair for a tiny model: digits to their names.
inline void write_digits(const Folder& folder, int lines = 240) {
  constexpr const char* kNames[] = {"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"};
  std::string source, target;
  for (int i = 0; i < lines; ++i) {
    for (int digit : {i / 100 % 10, i / 10 % 10, i % 10}) {
      source += std::to_string(digit) + " ";
      target += std::string(kNames[digit]) + " ";
    }
    source.back() = target.back() = '\n';
  }
  write(folder / "train.source", source);
  write(folder / "train.target", target);
  write(folder / "valid.source", "1 2 3\n7 7 0\n");
  write(folder / "valid.target", "one two three\nseven seven zero\n");
}

// A recipe over that data, small enough for a hundred steps a second.
inline fs::path write_recipe(const Folder& folder, const std::string& more_train = "") {
  const fs::path file = folder / "recipe.toml";
  write(file, "[data]\ndir = \"" + folder.text() +
                  "\"\n[tokenizer]\nvocab_size = 280\n[model]\nwidth = 16\nheads = 2\nffn = 32\n"
                  "encoder_layers = 1\ndecoder_layers = 1\nmax_length = 64\nnorm_place = \"pre\"\n[train]\nthreads = "
                  "1\nbatch_tokens = 256\n"
                  "learning_rate = 1e-2\nwarmup_steps = 10\nlog_every = 1\n" +
                  more_train);
  return file;
}

}  // namespace heddle::app
