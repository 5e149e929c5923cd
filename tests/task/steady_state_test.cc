// In the steady state a training step asks the heap for nothing.
//
// The steady state: every shape has been seen once; logging, saving, validation and the plan of the
// next epoch aside. Every operator new of this process is counted; those of oneDNN's own code
// apart.

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

#include "heddle/model/store.h"
#include "heddle/task/translation.h"
#include "heddle/train/trainer.h"

namespace {

std::atomic<int64_t> ours{0}, inside_onednn{0};

bool is_onednn(void* code) {
  Dl_info module = {};
  return dladdr(code, &module) != 0 && std::strstr(module.dli_fname, "libdnnl") != nullptr;
}

void* counted(std::size_t bytes, std::size_t alignment, void* caller) {
  ++(is_onednn(caller) ? inside_onednn : ours);
  void* memory = nullptr;
  if (posix_memalign(&memory, std::max(alignment, sizeof(void*)), bytes) != 0) throw std::bad_alloc();
  return memory;
}

}  // namespace

// Not inlined: g++ 12 would take an inlined free() for a mistake of the caller's.
[[gnu::noinline]] void* operator new(std::size_t bytes) {
  return counted(bytes, alignof(std::max_align_t), __builtin_return_address(0));
}
[[gnu::noinline]] void* operator new[](std::size_t bytes) {
  return counted(bytes, alignof(std::max_align_t), __builtin_return_address(0));
}
[[gnu::noinline]] void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return counted(bytes, static_cast<std::size_t>(alignment), __builtin_return_address(0));
}
[[gnu::noinline]] void* operator new[](std::size_t bytes, std::align_val_t alignment) {
  return counted(bytes, static_cast<std::size_t>(alignment), __builtin_return_address(0));
}
// The forms that do not throw are replaced too: a sanitizer's own would not match the delete below.
[[gnu::noinline]] void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return counted(bytes, alignof(std::max_align_t), __builtin_return_address(0));
}
[[gnu::noinline]] void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept {
  return counted(bytes, alignof(std::max_align_t), __builtin_return_address(0));
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace heddle::task {
namespace {

data::TranslationSet random_pairs(int count, int vocab) {
  RandomStream random({5, 0, 0, 0});
  data::TranslationSet set;
  const auto sequence = [&] {
    std::vector<int32_t> ids(1 + random.below(30));
    for (int32_t& id : ids) id = static_cast<int32_t>(3 + random.below(static_cast<uint64_t>(vocab) - 3));
    return ids;
  };
  for (int i = 0; i < count; ++i) {
    const std::vector<int32_t> source = sequence(), target = sequence();
    set.add(source, target);
  }
  return set;
}

TEST(SteadyState, AStepAsksTheHeapForNothing) {
  model::ModelConfig config;
  config.width = 32;
  config.layer.ffn = 48;
  config.layer.attention_dropout = 0.1;
  config.max_length = 64;
  config.vocab_size = 50;
  for (const char* place : {"pre", "post"}) {
    config.layer.norm_place = place;
    model::LoadedModel loaded(config);
    loaded.parameters.initialize(loaded.weights, 1);
    const data::TranslationSet set = random_pairs(400, 50);
    train::TrainConfig train;
    train.batch_tokens = 300;
    train.accumulate = 2;
    TranslationObjective objective(loaded.model, set, 1, train);
    train::Trainer trainer({loaded.parameters, loaded.weights, objective, nullptr, "", [](const nn::WeightSet&) {}},
                           train, ops::Compute::f32);
    int steps = 0;
    int64_t most = 0;
    while (objective.position().epoch < 4) {
      const int64_t epoch = objective.position().epoch, before = ours;
      trainer.step();
      const int64_t asked = ours - before;
      const bool planned = objective.position().epoch != epoch;
      if (epoch < 3 || planned) continue;
      ++steps;
      most = std::max(most, asked);
    }
    EXPECT_GT(steps, 10);
    EXPECT_EQ(most, 0) << "norms " << place << ", " << inside_onednn << " inside oneDNN in all";
  }
}

}  // namespace
}  // namespace heddle::task
