#include "heddle/base/interrupt.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

namespace heddle {
namespace {

// Sends the signals to this process, each after the one before was seen; ends with the one that is remembered.
void send(std::initializer_list<int> signals) {
  receive_interrupts();
  if (interrupt_signal() != 0) std::_Exit(99);
  for (int signal : signals) {
    kill(getpid(), signal);
    while (interrupt_signal() == 0) std::this_thread::yield();
  }
  if (signals.size() > 1) std::this_thread::sleep_for(std::chrono::seconds(10));  // the second ends it before
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

// A handler would run on the stack of the thread that the signal meets, wherever its stack register points to.
void see_that_no_handler_runs() {
  receive_interrupts();
  for (int signal : {SIGINT, SIGTERM}) {
    struct sigaction action {};
    sigaction(signal, nullptr, &action);
    if (action.sa_handler != SIG_DFL) std::_Exit(1);
  }
  sigset_t blocked;
  std::thread([&] { pthread_sigmask(SIG_BLOCK, nullptr, &blocked); }).join();
  std::_Exit(sigismember(&blocked, SIGINT) && sigismember(&blocked, SIGTERM) ? 0 : 2);
}

TEST(Interrupt, NoHandlerRunsOnTheStackOfAnotherThread) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(see_that_no_handler_runs(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace heddle
