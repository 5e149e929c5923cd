#pragma once
// Ctrl-C and SIGTERM: the first asks the program to finish what it is doing, the second ends it at once with exit
// code 128 + signal.
//
// A thread of its own waits for them, and all others block them. A handler would be run on the stack of whatever
// thread is interrupted, and the products that oneDNN generates use the stack register for other things: the frame of
// the handler then overwrites the heap.

namespace heddle {

// To be called once, before any other thread is started.
void receive_interrupts();
// The signal that arrived, or 0.
int interrupt_signal();

}  // namespace heddle
