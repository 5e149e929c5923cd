#pragma once
// The linear probe of heddle/inspect/linear_probe.h, under the name that experiments know.

#include "heddle/inspect/linear_probe.h"

namespace heddle::lab {

using inspect::LinearProbe;

}  // namespace heddle::lab
