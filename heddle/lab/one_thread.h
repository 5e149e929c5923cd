#pragma once
// While it lives, parallel loops and products run on the caller's thread, whose processor time then is all of theirs.

#include "heddle/base/thread_loop.h"

namespace heddle::lab {

class OneThread {
 public:
  OneThread() : before_(thread_count()) { set_thread_count(1); }
  ~OneThread() { set_thread_count(before_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

}  // namespace heddle::lab
