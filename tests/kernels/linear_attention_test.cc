#include "heddle/kernels/linear_attention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "heddle/kernels/cpu/linear_attention.h"
#include "heddle/kernels/reference/linear_attention.h"
#include "tests/kernels/kernel_comparison.h"

namespace heddle::kernels {
namespace {

// A random problem that both precisions can be asked about.
struct Problem {
  int query_heads, key_heads;
  int64_t features, value_width;
  bool causal;
  std::vector<int32_t> query_offsets = {0}, key_begin = {}, key_length = {};
  Doubles q = {}, k = {}, v = {}, dout = {};

  int64_t rows() const { return query_offsets.back(); }
};

Doubles positive_values(RandomStream& random, int64_t count) {
  Doubles values(static_cast<size_t>(count));
  for (double& value : values) value = static_cast<double>(static_cast<float>(std::exp(random.normal())));
  return values;
}

Problem random_problem(RandomStream& random) {
  Problem p;
  p.causal = random.below(2) == 0;
  p.key_heads = 1 + static_cast<int>(random.below(3));
  p.query_heads = p.key_heads * (1 + static_cast<int>(random.below(2)));
  p.features = 1 + static_cast<int64_t>(random.below(40));
  p.value_width = 1 + static_cast<int64_t>(random.below(40));
  if (random.below(3) == 0) p.features = 32, p.value_width = 16;
  int32_t keys = 0;
  for (uint64_t s = 0; s < 1 + random.below(4); ++s) {
    const int32_t lengths[] = {0, 1, 3, 17, 64, 65, 130, 200};
    const int32_t rows = lengths[random.below(8)];
    p.query_offsets.push_back(p.query_offsets.back() + rows);
    p.key_begin.push_back(keys);
    // Causal: the same rows, some of which may be padding.
    const int32_t in_memory = p.causal ? rows : lengths[random.below(8)];
    p.key_length.push_back(in_memory - static_cast<int32_t>(random.below(static_cast<uint64_t>(in_memory) + 1) / 3));
    keys += in_memory;
  }
  p.q = positive_values(random, p.rows() * p.query_heads * p.features);
  p.k = positive_values(random, keys * p.key_heads * p.features);
  p.v = random_values(random, keys * p.key_heads * p.value_width);
  p.dout = random_values(random, p.rows() * p.query_heads * p.value_width);
  return p;
}

template <class T>
struct Answer {
  std::vector<T> out, sum, dq, dk, dv;
};

template <class T, bool kFast>
Answer<T> solve(const Problem& p, AttentionProbe<T>* probe = nullptr) {
  const std::vector<T> q(p.q.begin(), p.q.end()), k(p.k.begin(), p.k.end()), v(p.v.begin(), p.v.end()),
      dout(p.dout.begin(), p.dout.end());
  LinearAttention<T> call;
  call.query_heads = p.query_heads;
  call.key_heads = p.key_heads;
  call.features = p.features;
  call.value_width = p.value_width;
  call.causal = p.causal;
  call.q = q.data();
  call.k = k.data();
  call.v = v.data();
  call.q_stride = p.query_heads * p.features;
  call.k_stride = p.key_heads * p.features;
  call.v_stride = p.key_heads * p.value_width;
  call.query_offsets = p.query_offsets;
  call.key_begin = p.key_begin;
  call.key_length = p.key_length;
  call.probe = probe;
  Answer<T> answer;
  answer.out.resize(dout.size());
  answer.sum.resize(static_cast<size_t>(p.rows() * p.query_heads));
  answer.dq.resize(q.size());
  answer.dk.resize(k.size());
  answer.dv.resize(v.size());
  LinearAttentionGradients<T> gradients;
  gradients.out = answer.out.data();
  gradients.sum = answer.sum.data();
  gradients.dout = dout.data();
  gradients.out_stride = gradients.dout_stride = p.query_heads * p.value_width;
  gradients.dq = answer.dq.data();
  gradients.dk = answer.dk.data();
  gradients.dv = answer.dv.data();
  gradients.dq_stride = call.q_stride;
  gradients.dk_stride = call.k_stride;
  gradients.dv_stride = call.v_stride;
  AttentionScratch scratch;
  if constexpr (kFast) {
    cpu::linear_attention(call, answer.out.data(), gradients.out_stride, answer.sum.data(), scratch);
    cpu::linear_attention_backward(call, gradients, scratch);
  } else {
    reference::linear_attention(call, answer.out.data(), gradients.out_stride, answer.sum.data(), scratch);
    reference::linear_attention_backward(call, gradients, scratch);
  }
  return answer;
}

TEST(LinearAttention, FastEqualsReference) {
  at_every_simd_level([] {
    RandomStream random({31, 0, 0, 0});
    for (int round = 0; round < 60; ++round) {
      const Problem p = random_problem(random);
      SCOPED_TRACE(fmt::format("round {}: {} rows, causal {}, {}/{} heads, widths {} and {}", round, p.rows(), p.causal,
                               p.query_heads, p.key_heads, p.features, p.value_width));
      const Answer<float> fast = solve<float, true>(p);
      const Answer<double> exact = solve<double, false>(p);
      EXPECT_LE(tensor_error(fast.out, exact.out), 1e-5);
      EXPECT_LE(tensor_error(fast.sum, exact.sum), 1e-5);
      // The gradient of a weighted mean is a difference of numbers of size 1 that cancel.
      EXPECT_LE(gradient_error(fast.dq, exact.dq, 1.0), 1e-5);
      EXPECT_LE(gradient_error(fast.dk, exact.dk, 1.0), 1e-5);
      EXPECT_LE(gradient_error(fast.dv, exact.dv, 1.0), 1e-5);
    }
  });
}

TEST(LinearAttention, GradientsEqualFiniteDifferences) {
  RandomStream random({32, 0, 0, 0});
  for (int round = 0; round < 8; ++round) {
    Problem p = random_problem(random);
    if (p.rows() > 40 || std::ssize(p.k) > 400) continue;
    const Answer<double> answer = solve<double, false>(p);
    const auto loss = [&] { return dot(solve<double, false>(p).out, p.dout); };
    EXPECT_LE(gradient_error(answer.dq, finite_differences(p.q, loss), 1e-2), 1e-6);
    EXPECT_LE(gradient_error(answer.dk, finite_differences(p.k, loss), 1e-2), 1e-6);
    EXPECT_LE(gradient_error(answer.dv, finite_differences(p.v, loss), 1e-2), 1e-6);
  }
}

// Written out for one head: a weighted mean, by products of features.
TEST(LinearAttention, IsItsDefinition) {
  Problem p{.query_heads = 1, .key_heads = 1, .features = 2, .value_width = 1, .causal = true};
  p.query_offsets = {0, 3};
  p.key_begin = {0};
  p.key_length = {3};
  p.q = {1, 0, 0, 1, 1, 1};
  p.k = {1, 2, 3, 4, 5, 6};
  p.v = {10, 20, 30};
  p.dout = {0, 0, 0};
  const Answer<float> answer = solve<float, true>(p);
  EXPECT_FLOAT_EQ(answer.out[0], 10);
  EXPECT_FLOAT_EQ(answer.out[1], (2.0f * 10 + 4 * 20) / 6);
  EXPECT_FLOAT_EQ(answer.out[2], (3.0f * 10 + 7 * 20 + 11 * 30) / 21);
}

TEST(LinearAttention, WhatNobodySeesGivesZeros) {
  Problem p{.query_heads = 1, .key_heads = 1, .features = 2, .value_width = 2, .causal = true};
  p.query_offsets = {0, 2};
  p.key_begin = {0};
  p.key_length = {2};
  p.q = {1, 0, 1, 0};
  p.k = {0, 1, 0, 1};  // no feature of theirs is a query's
  p.v = {5, 6, 7, 8};
  p.dout = {1, 1, 1, 1};
  const auto expect_zeros = [](const auto& answer) {
    for (const auto& values : {answer.out, answer.sum, answer.dq, answer.dk, answer.dv})
      for (const auto value : values) EXPECT_EQ(value, 0);
  };
  expect_zeros(solve<float, true>(p));
  expect_zeros(solve<double, false>(p));
}

// A chunk's memory does not depend on the length: rows behind a sequence's keys read all of them.
TEST(LinearAttention, PaddingBehindTheKeysChangesNothing) {
  RandomStream random({33, 0, 0, 0});
  for (int round = 0; round < 10; ++round) {
    Problem p = random_problem(random);
    const Answer<float> before = solve<float, true>(p);
    for (size_t s = 0; s < p.key_begin.size(); ++s) {
      const int64_t end =
          s + 1 < p.key_begin.size() ? p.key_begin[s + 1] : std::ssize(p.k) / (p.key_heads * p.features);
      for (int64_t row = p.key_begin[s] + p.key_length[s]; row < end; ++row) {
        std::fill_n(p.k.begin() + row * p.key_heads * p.features, p.key_heads * p.features, 1e9);
        std::fill_n(p.v.begin() + row * p.key_heads * p.value_width, p.key_heads * p.value_width, 1e9);
      }
    }
    const Answer<float> after = solve<float, true>(p);
    EXPECT_EQ(before.out, after.out);
    EXPECT_EQ(before.dq, after.dq);
    EXPECT_EQ(before.dk, after.dk);
    EXPECT_EQ(before.dv, after.dv);
  }
}

// A probe that changes nothing sees rows of weights that sum to one, and the results stay.
TEST(LinearAttention, AProbeSeesItsWeights) {
  struct Reader : AttentionProbe<double> {
    int rows_seen = 0;
    void scores(int64_t, int, int64_t, int64_t, double*) override {}
    void weights(int64_t, int, int64_t rows, int64_t columns, double* weights) override {
      for (int64_t i = 0; i < rows && columns > 0; ++i, ++rows_seen) {
        double sum = 0;
        for (int64_t j = 0; j < columns; ++j) sum += weights[i * columns + j];
        EXPECT_NEAR(sum, 1, 1e-12);
      }
    }
  } reader;
  RandomStream random({34, 0, 0, 0});
  Problem p = random_problem(random);
  while (p.rows() == 0 || std::ranges::find(p.key_length, 0) != p.key_length.end()) p = random_problem(random);
  const Answer<double> plain = solve<double, false>(p), probed = solve<double, false>(p, &reader);
  EXPECT_GT(reader.rows_seen, 0);
  EXPECT_LE(tensor_error(probed.out, plain.out), 1e-12);
  EXPECT_LE(gradient_error(probed.dq, plain.dq, 0.1), 1e-10);
  EXPECT_LE(gradient_error(probed.dk, plain.dk, 0.1), 1e-10);
}

}  // namespace
}  // namespace heddle::kernels
