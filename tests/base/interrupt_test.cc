#include "heddle/base/interrupt.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

namespace heddle {
namespace {

void send(std::initializer_list<int> signals) {
  install_interrupt_handler();
  if (interrupt_signal() != 0) std::_Exit(99);
  for (int signal : signals) std::raise(signal);
  std::_Exit(interrupt_signal());
}

TEST(Interrupt, TheFirstIsRememberedTheSecondEndsTheProgram) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(send({}), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(send({SIGINT}), testing::ExitedWithCode(SIGINT), "");
  EXPECT_EXIT(send({SIGTERM}), testing::ExitedWithCode(SIGTERM), "");
  EXPECT_EXIT(send({SIGINT, SIGTERM}), testing::ExitedWithCode(128 + SIGTERM), "");
  EXPECT_EXIT(send({SIGTERM, SIGINT}), testing::ExitedWithCode(128 + SIGINT), "");
}

}  // namespace
}  // namespace heddle
