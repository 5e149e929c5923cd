#pragma once
// Errors are sentences: what went wrong, where, what was expected, and what to do about it.
//
// Every failure that a user or caller can cause is thrown as a heddle::Error (or a kind below).
// The command line turns it into one line on stderr and an exit code; see docs/errors.md.

#include <stdexcept>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace heddle {

class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& sentence) : std::runtime_error(sentence) {}
};

// The caller asked for something impossible: bad config, flag, shape, or input file. Exit code 2.
class InputError : public Error {
 public:
  using Error::Error;
};

// The machine refused: file cannot be read or written, disk full, out of memory. Exit code 1.
class SystemError : public Error {
 public:
  using Error::Error;
};

template <class... Args>
[[noreturn]] void fail_input(fmt::format_string<Args...> sentence, Args&&... args) {
  throw InputError(fmt::format(sentence, std::forward<Args>(args)...));
}

template <class... Args>
[[noreturn]] void fail_system(fmt::format_string<Args...> sentence, Args&&... args) {
  throw SystemError(fmt::format(sentence, std::forward<Args>(args)...));
}

// A broken invariant of ours, never of the input: HEDDLE_CHECK(a == b, "…", …) throws Error.
#define HEDDLE_CHECK(condition, ...)                     \
  do {                                                   \
    if (!(condition)) [[unlikely]]                       \
      throw ::heddle::Error(::fmt::format(__VA_ARGS__)); \
  } while (false)

}  // namespace heddle
