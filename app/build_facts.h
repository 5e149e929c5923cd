#pragma once
// What `heddle --version` prints.

#include <string>

namespace heddle::app {

std::string build_facts();

}  // namespace heddle::app
