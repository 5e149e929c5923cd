#include "heddle/base/interrupt.h"

#include <unistd.h>

#include <atomic>
#include <csignal>

namespace heddle {
namespace {

std::atomic<int> arrived{0};

void on_signal(int signal) {
  int none = 0;
  if (!arrived.compare_exchange_strong(none, signal)) _exit(128 + signal);
}

}  // namespace

void install_interrupt_handler() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

int interrupt_signal() { return arrived.load(); }

}  // namespace heddle
