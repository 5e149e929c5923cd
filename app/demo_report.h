#pragma once
// `heddle demo report`: the page about the demo's run.

#include "app/commands.h"

namespace heddle::app {

void add_demo_report_command(Command demo);

}  // namespace heddle::app
