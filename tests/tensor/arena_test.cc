#include "heddle/tensor/arena.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "heddle/base/error.h"
#include "heddle/base/random.h"
#include "heddle/tensor/tensor.h"

namespace heddle {
namespace {

// A tensor whose every number says which one it is.
Tensor marked(Arena& arena, int64_t count, float mark) {
  Tensor tensor = Tensor::in_arena(arena, {count}, DType::f32);
  std::ranges::fill(tensor.span<float>(), mark);
  return tensor;
}

TEST(Arena, ReusesPiecesAndStopsAskingTheHeap) {
  Arena arena;
  int64_t after_second = 0;
  for (int step = 0; step < 6; ++step) {
    {
      Tensor a = Tensor::in_arena(arena, {1000, 300}, DType::f32);
      const float* first = a.data<float>();
      a = {};
      const Tensor b = Tensor::in_arena(arena, {1000, 299}, DType::f32);
      EXPECT_EQ(b.data<float>(), first) << "a piece without handles is handed out again";
      const Tensor c = Tensor::in_arena(arena, {3000, 500}, DType::f64);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(c.raw()) % 64, 0u);
    }
    arena.reset();
    if (step == 1) after_second = arena.chunk_allocations();
  }
  EXPECT_EQ(arena.chunk_allocations(), after_second);
}

TEST(Arena, NoPieceIsEverAnothersWhateverTheOrder) {
  RandomStream random({1, 0, 0, 0});
  Arena arena;
  for (int step = 0; step < 20; ++step) {
    std::vector<std::pair<Tensor, float>> live;
    for (int i = 0; i < 400; ++i) {
      if (!live.empty() && random.below(5) < 2) {
        std::swap(live[random.below(live.size())], live.back());
        const auto& [tensor, mark] = live.back();
        EXPECT_TRUE(std::ranges::all_of(tensor.span<float>(), [&](float x) { return x == mark; }));
        live.pop_back();
      } else {
        const auto count = static_cast<int64_t>(1 + random.below(uint64_t{1} << random.below(14)));
        live.emplace_back(marked(arena, count, static_cast<float>(i)), static_cast<float>(i));
        EXPECT_EQ(reinterpret_cast<uintptr_t>(live.back().first.raw()) % 64, 0u);
      }
    }
    for (const auto& [tensor, mark] : live)
      EXPECT_TRUE(std::ranges::all_of(tensor.span<float>(), [&](float x) { return x == mark; }));
    live.clear();
    EXPECT_EQ(arena.bytes_in_use(), 0);
    arena.reset();
  }
}

TEST(Arena, FreePiecesSideBySideBecomeOne) {
  Arena arena;
  std::vector<Tensor> small;
  for (int i = 0; i < 200; ++i) small.push_back(marked(arena, 1000, 1));
  const int64_t before = arena.chunk_allocations(), reserved = arena.reserved_bytes();
  // Every second one, then the others: each joins both its neighbours.
  for (size_t i = 0; i < small.size(); i += 2) small[i] = {};
  small.clear();
  const Tensor large = marked(arena, 190'000, 2);
  EXPECT_EQ(arena.chunk_allocations(), before) << "the room of 200 small pieces holds a large one";
  EXPECT_EQ(arena.reserved_bytes(), reserved);
}

TEST(Arena, LittleOfAPieceIsUnused) {
  for (const int64_t count : {1, 100, 1000, 12'345, 1'000'003, 20'000'000}) {
    Arena arena;
    const Tensor tensor = Tensor::in_arena(arena, {count}, DType::f32);
    EXPECT_LE(arena.bytes_in_use(), 1.033 * 4.0 * static_cast<double>(count) + 192) << count;
  }
}

TEST(Arena, WhatNoMachineHasIsRefused) {
  Arena arena;
  EXPECT_THROW(arena.take(int64_t{1} << 50), SystemError);
  EXPECT_EQ(arena.bytes_in_use(), 0);
}

}  // namespace
}  // namespace heddle
