#include "heddle/base/interrupt.h"

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <thread>

namespace heddle {
namespace {

std::atomic<int> arrived{0};

[[noreturn]] void await_signals(sigset_t signals) {
  for (int signal = 0;;) {
    if (sigwait(&signals, &signal) != 0) continue;
    int none = 0;
    if (!arrived.compare_exchange_strong(none, signal)) _exit(128 + signal);
  }
}

}  // namespace

void receive_interrupts() {
  sigset_t signals;
  sigemptyset(&signals);
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (const int signal : {SIGINT, SIGTERM}) {
    sigaddset(&signals, signal);
    sigaction(signal, &standard, nullptr);  // a shell may have set it to be ignored
  }
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::thread(await_signals, signals).detach();
}

int interrupt_signal() { return arrived.load(); }

}  // namespace heddle
