#pragma once
// Whether what runs now on this thread ran before, and is run again for the backward pass of a Tape::region.

namespace heddle::ops {

bool is_replay();

}  // namespace heddle::ops
