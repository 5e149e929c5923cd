#pragma once
// The option --threads.

#include "app/command_line.h"

namespace heddle::app {

// 0 stands for what affinity and quota allow.
void add_threads(Command& command, int& threads);
void use_threads(int threads);

}  // namespace heddle::app
