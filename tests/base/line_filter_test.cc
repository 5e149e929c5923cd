#include "heddle/base/line_filter.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "heddle/base/error.h"
#include "heddle/base/thread_loop.h"

namespace heddle {
namespace {

// A pipe whose ends are closed with it.
class Pipe {
 public:
  Pipe() { EXPECT_EQ(pipe(ends_), 0); }
  ~Pipe() {
    close_reader();
    close_writer();
  }
  Pipe(const Pipe&) = delete;
  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  void close_reader() { shut(ends_[0]); }
  void close_writer() { shut(ends_[1]); }
  void write(std::string_view text) const {
    while (!text.empty()) text.remove_prefix(static_cast<size_t>(::write(ends_[1], text.data(), text.size())));
  }
  std::string read_all() const {
    std::string all;
    char buffer[4096];
    for (ssize_t got; (got = ::read(ends_[0], buffer, sizeof buffer)) > 0;)
      all.append(buffer, static_cast<size_t>(got));
    return all;
  }

 private:
  static void shut(int& end) {
    if (end >= 0) close(end);
    end = -1;
  }
  int ends_[2];
};

struct Outcome {
  std::string out, error;
};

Outcome filtered(std::string_view text, const ChangeLine& change, const LineFilterLimits& limits = {}) {
  Pipe in, out;
  Outcome outcome;
  std::thread feeder([&] {
    in.write(text);
    in.close_writer();
  });
  std::thread eater([&] { outcome.out = out.read_all(); });
  try {
    filter_lines(in.reader(), out.writer(), change, limits);
  } catch (const InputError& error) {
    outcome.error = error.what();
  }
  std::string rest = in.read_all();  // so that the feeder ends
  feeder.join();
  out.close_writer();
  eater.join();
  return outcome;
}

void in_brackets(std::string_view line, std::string& out) { (((out += '[') += line) += ']') += '\n'; }

TEST(LineFilter, EndsOfLines) {
  EXPECT_EQ(filtered("", in_brackets).out, "");
  EXPECT_EQ(filtered("\n", in_brackets).out, "[]\n");
  EXPECT_EQ(filtered("a\nb", in_brackets).out, "[a]\n[b]\n");
  EXPECT_EQ(filtered("a\r\nb\rc\n\r\n\n", in_brackets).out, "[a]\n[b\rc]\n[]\n[]\n");
  EXPECT_EQ(filtered(std::string("a\0b\n", 4), in_brackets).out, std::string("[a\0b]\n", 6));
}

TEST(LineFilter, ByteOrderMarks) {
  EXPECT_EQ(filtered("\xEF\xBB\xBF"
                     "a\n\xEF\xBB\xBF"
                     "b\n",
                     in_brackets)
                .out,
            "[a]\n[\xEF\xBB\xBF"
            "b]\n");
  EXPECT_EQ(filtered("\xEF\xBB\xBF", in_brackets).out, "");
  EXPECT_NE(filtered("\xFF\xFE"
                     "a\n",
                     in_brackets)
                .error.find("UTF-16"),
            std::string::npos);
}

// Whatever the blocks and the number of threads, the outcome is that of a plain loop.
TEST(LineFilter, KeepsTheOrderAtAnyBlockAndThreadCount) {
  std::mt19937 random(7);
  std::string text, expected;
  for (int i = 0; i < 3000; ++i) {
    const std::string line(random() % 50 == 0 ? random() % 9000 : random() % 40, static_cast<char>('a' + i % 26));
    text += line + '\n';
    in_brackets(line, expected);
  }
  const int before = thread_count();
  for (const int threads : {1, 2, 5}) {
    set_thread_count(threads);
    for (const size_t block : {size_t{1}, size_t{100}, size_t{20000}, size_t{1} << 22})
      EXPECT_EQ(filtered(text, in_brackets, {.block = block}).out, expected) << threads << " threads, " << block;
  }
  set_thread_count(before);
}

TEST(LineFilter, LinesBeforeAnErrorAreWritten) {
  std::string text, expected;
  for (int i = 1; i <= 4000; ++i) {
    text += std::to_string(i) + '\n';
    if (i < 3210) expected += std::to_string(i) + '\n';
  }
  const int before = thread_count();
  set_thread_count(4);
  const Outcome outcome = filtered(text, [](std::string_view line, std::string& out) {
    if (line >= "3210" && line.size() == 4) fail_input("this is {}", line);
    (out += line) += '\n';
  });
  set_thread_count(before);
  EXPECT_EQ(outcome.error, "line 3210: this is 3210");
  EXPECT_EQ(outcome.out, expected);
}

TEST(LineFilter, ALineIsOfBoundedLength) {
  const std::string text = "ab\n" + std::string(5000, 'x') + "\nc\n";
  const Outcome outcome = filtered(text, in_brackets, {.block = 16, .longest_line = 4999});
  EXPECT_EQ(outcome.error, "line 2: the line is longer than 4999 bytes; expected a text a line");
  EXPECT_EQ(outcome.out, "[ab]\n");
  EXPECT_EQ(filtered(text, in_brackets, {.longest_line = 4999}).error, outcome.error);
  EXPECT_EQ(filtered(text, in_brackets, {.block = 16, .longest_line = 5000}).error, "");
}

TEST(LineFilter, ALineIsAnsweredBeforeTheNextIsThere) {
  Pipe in, out;
  std::thread filter([&] { filter_lines(in.reader(), out.writer(), in_brackets); });
  for (const std::string line : {"one\n", "two\n"}) {
    in.write(line);
    pollfd answer = {out.reader(), POLLIN, 0};
    ASSERT_EQ(poll(&answer, 1, 20000), 1);
    char buffer[16];
    EXPECT_EQ(std::string(buffer, static_cast<size_t>(read(out.reader(), buffer, sizeof buffer))),
              "[" + line.substr(0, 3) + "]\n");
  }
  in.close_writer();
  filter.join();
}

TEST(LineFilter, WhatCannotBeWrittenIsAnError) {
  const int full = open("/dev/full", O_WRONLY);
  if (full < 0) GTEST_SKIP() << "there is no /dev/full here";
  Pipe in;
  in.write("a\n");
  in.close_writer();
  EXPECT_THROW(filter_lines(in.reader(), full, in_brackets), SystemError);
  close(full);
}

}  // namespace
}  // namespace heddle
