#include "app/threads.h"

#include "heddle/base/thread_loop.h"

namespace heddle::app {

void add_threads(Command& command, int& threads) {
  command.option("--threads", threads, "Threads; by default what affinity and quota allow").between(1, kMostThreads);
}

void use_threads(int threads) {
  if (threads > 0) set_thread_count(threads);
}

}  // namespace heddle::app
