#pragma once
// Ctrl-C and SIGTERM: the first asks the program to finish what it is doing, the second ends it at once.

namespace heddle {

void install_interrupt_handler();
// The signal that arrived, or 0.
int interrupt_signal();

}  // namespace heddle
