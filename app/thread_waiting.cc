#include "app/thread_waiting.h"

#include <unistd.h>

#include <cstdlib>

namespace heddle::app {

void shorten_thread_waiting(char** argv) {
  if (std::getenv("GOMP_SPINCOUNT") || std::getenv("OMP_WAIT_POLICY")) return;
  if (setenv("GOMP_SPINCOUNT", "20000", 1) == 0) execv("/proc/self/exe", argv);
  // Without /proc the program runs on as it is.
}

}  // namespace heddle::app
