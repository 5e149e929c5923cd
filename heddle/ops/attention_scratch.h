#pragma once
// The working memory of attention kernels: kept by each thread that calls them, so that steps ask the heap for nothing.

#include "heddle/kernels/attention.h"

namespace heddle::ops {

inline kernels::AttentionScratch& attention_scratch() {
  static thread_local kernels::AttentionScratch memory;
  return memory;
}

}  // namespace heddle::ops
