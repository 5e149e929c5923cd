// What the user sees while waiting: a bar on a terminal, plain lines elsewhere, no colour under
// NO_COLOR.

#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>

#include "heddle/base/log.h"
#include "heddle/base/progress.h"
#include "tests/base/sentence.h"

namespace heddle {
namespace {

// What `talk` writes in a process of its own whose standard streams are a terminal.
std::string on_a_terminal(const std::function<void()>& talk) {
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) {
    setenv("TERM", "xterm-256color", 1);
    talk();
    _exit(0);
  }
  std::string seen;
  char buffer[4096];
  for (ssize_t got; (got = read(terminal, buffer, sizeof buffer)) > 0;) seen.append(buffer, static_cast<size_t>(got));
  close(terminal);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  return seen;
}

std::string elsewhere(const std::function<void()>& talk) {
  testing::internal::CaptureStderr();
  talk();
  return testing::internal::GetCapturedStderr();
}

void run_a_job() {
  Progress progress(200, 100);
  progress.update(100, "loss 3.0");
  progress.update(150, "loss 2.0");  // too soon after the first to be shown
  progress.update(200, "loss 1.0");
}

TEST(Progress, PlainLinesElsewhere) {
  EXPECT_EQ(elsewhere(run_a_job), " 50%  loss 3.0  0m00s left\n100%  loss 1.0  0m00s left\n");
}

TEST(Progress, ABarOnATerminal) {
  const std::string seen = on_a_terminal(run_a_job);
  EXPECT_TRUE(contains(seen, "[############............]  50%  loss 3.0"));
  EXPECT_TRUE(contains(seen, "[########################] 100%  loss 1.0"));
  EXPECT_TRUE(seen.ends_with("left\r\n")) << "the line is left at the end";
}

TEST(Progress, OddTotalsAreNoTrouble) {
  const auto odd = [] {
    Progress(0).update(0, "nothing to do");
    Progress(10).update(20, "beyond the end");
    Progress(10, 10).update(10, "resumed at the end");
    Progress(1e300).update(1e-300, "long");
  };
  for (const std::string& seen : {elsewhere(odd), on_a_terminal(odd)}) {
    EXPECT_TRUE(contains(seen, "100%  nothing to do"));
    EXPECT_TRUE(contains(seen, "100%  beyond the end"));
    EXPECT_EQ(seen.find("nan"), std::string::npos) << seen;
  }
}

TEST(Log, IsPlainElsewhere) {
  EXPECT_EQ(elsewhere([] { log_warning("{} threads", 3); }), "heddle: warning: 3 threads\n");
  EXPECT_EQ(elsewhere([] { log_info("braces {{}} and {}", "{}"); }), "heddle: braces {} and {}\n");
}

// The logger is made at its first use, so this needs a process that has not logged.
TEST(Log, NoColorIsRespectedOnATerminal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto colours = [](const char* no_color) {
    const std::string seen = on_a_terminal([no_color] {
      if (no_color) setenv("NO_COLOR", no_color, 1);
      else unsetenv("NO_COLOR");
      log_warning("look");
    });
    EXPECT_TRUE(contains(seen, "warning: look"));
    std::_Exit(seen.find("\033[") != std::string::npos ? 10 : 20);
  };
  EXPECT_EXIT(colours(nullptr), testing::ExitedWithCode(10), "");
  EXPECT_EXIT(colours(""), testing::ExitedWithCode(10), "");
  EXPECT_EXIT(colours("1"), testing::ExitedWithCode(20), "");
}

}  // namespace
}  // namespace heddle
