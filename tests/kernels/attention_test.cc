#include "heddle/kernels/attention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "heddle/kernels/cpu/attention.h"
#include "heddle/kernels/reference/attention.h"
#include "tests/kernels/kernel_comparison.h"
#include "tests/kernels/mask_formulas.h"

namespace heddle::kernels {
namespace {

// A random attention problem that both precisions can be asked about.
struct Problem {
  int query_heads, key_heads;
  int64_t key_width, value_width;
  std::vector<int32_t> query_offsets;
  struct Source {
    std::vector<int32_t> begin, length, query_start, key_start, of_query, table, table_begin;
    int64_t rows = 0;
    std::vector<double> keys, values;
    Mask mask;
    std::vector<Mask> head_masks;
    std::vector<int32_t> query_document, key_document, real_length;
    bool documents_ascend = false;
  };
  std::vector<Source> sources;
  std::vector<double> q, dout;
  std::vector<int64_t> examples;
  double soft_cap = 0;
  double dropout = 0;

  int64_t rows() const { return query_offsets.back(); }
};

// One mask, with biases or without, or one for each head; and the facts that they ask for.
void set_masks(RandomStream& random, const Problem& p, Problem::Source& source) {
  const auto mask = [&] {
    Mask made = random.below(3) ? random_mask(random) : Mask::causal();
    for (uint64_t more = random.below(3); more > 1; --more)
      made = made & Mask::bias(random_mask(random), random.normal());
    return made;
  };
  if (random.below(3) == 0)
    for (int head = 0; head < p.query_heads; ++head) source.head_masks.push_back(mask());
  else source.mask = mask();
  source.documents_ascend = random.below(2);
  if (random.below(2)) {
    for (size_t s = 0; s < p.examples.size(); ++s) {
      const auto more = random_documents(random, p.query_offsets[s + 1] - p.query_offsets[s], source.documents_ascend);
      source.query_document.insert(source.query_document.end(), more.begin(), more.end());
    }
    for (int32_t length : source.length) {
      const auto more = random_documents(random, length, source.documents_ascend);
      source.key_document.insert(source.key_document.end(), more.begin(), more.end());
    }
  }
  if (random.below(2))
    for (int32_t length : source.length)
      source.real_length.push_back(static_cast<int32_t>(random.below(static_cast<uint64_t>(length) + 1)));
}

// `first_length`: queries of the first sequence; 0: drawn as the others.
Problem random_problem(RandomStream& random, bool shared_keys, bool paged, int32_t first_length = 0) {
  Problem p;
  p.key_heads = 1 + static_cast<int>(random.below(3));
  p.query_heads = p.key_heads * (1 + static_cast<int>(random.below(2)));
  p.key_width = 1 + static_cast<int64_t>(random.below(40));
  p.value_width = 1 + static_cast<int64_t>(random.below(40));
  if (random.below(2)) p.key_width = 32, p.value_width = 16;
  const auto sequences = 1 + static_cast<int64_t>(random.below(4));
  p.query_offsets = {0};
  for (int64_t s = 0; s < sequences; ++s) {
    const int32_t lengths[] = {0, 1, 3, 17, 60, 130};
    const int32_t drawn = lengths[random.below(6)];
    p.query_offsets.push_back(p.query_offsets.back() + (s == 0 && first_length > 0 ? first_length : drawn));
    p.examples.push_back(static_cast<int64_t>(random.below(1000)));
  }
  const int source_count = 1 + static_cast<int>(random.below(2));
  for (int i = 0; i < source_count; ++i) {
    Problem::Source source;
    const int64_t key_sequences = shared_keys ? 1 + static_cast<int64_t>(random.below(2)) : sequences;
    for (int64_t s = 0; s < key_sequences; ++s) {
      const int32_t lengths[] = {0, 1, 5, 16, 101, 230};
      source.begin.push_back(static_cast<int32_t>(source.rows));
      source.length.push_back(lengths[random.below(6)]);
      source.key_start.push_back(static_cast<int32_t>(random.below(5)));
      source.table_begin.push_back(static_cast<int32_t>(source.table.size()));
      for (int32_t j = 0; paged && j < source.length.back(); ++j)
        source.table.push_back(static_cast<int32_t>(source.rows) + source.length.back() - 1 - j);
      source.rows += source.length.back();
    }
    for (int64_t s = 0; s < sequences; ++s) {
      source.query_start.push_back(static_cast<int32_t>(random.below(30)));
      if (shared_keys)
        source.of_query.push_back(static_cast<int32_t>(random.below(static_cast<uint64_t>(key_sequences))));
    }
    if (!paged) source.table_begin.clear();
    set_masks(random, p, source);
    source.keys = random_values(random, source.rows * p.key_heads * p.key_width);
    source.values = random_values(random, source.rows * p.key_heads * p.value_width);
    p.sources.push_back(std::move(source));
  }
  p.q = random_values(random, p.rows() * p.query_heads * p.key_width);
  p.dout = random_values(random, p.rows() * p.query_heads * p.value_width);
  if (random.below(3) == 0) p.soft_cap = 2.0;
  return p;
}

// A bias that depends on the distance (ALiBi) and on the query's first number.
template <class T>
class DistanceTerm : public ScoreTerm<T> {
 public:
  void add(const ScoreTile& tile, const T* q, T* score) const override {
    for (int64_t i = 0; i < tile.rows; ++i)
      for (int64_t j = 0; j < tile.columns; ++j)
        score[i * tile.stride + j] += distance(tile, i, j) * (T(0.1) + q[i * tile.query_stride]);
  }
  void backward(const ScoreTile& tile, const T*, T* dscore, T* dq, int) const override {
    for (int64_t i = 0; i < tile.rows; ++i)
      for (int64_t j = 0; j < tile.columns; ++j)
        dq[i * tile.gradient_stride] += dscore[i * tile.stride + j] * distance(tile, i, j);
  }

 private:
  static T distance(const ScoreTile& tile, int64_t i, int64_t j) {
    return T(-0.01) * static_cast<T>(std::abs(tile.query + i - tile.key - j)) * static_cast<T>(tile.head + 1);
  }
};

template <class T>
struct Answer {
  std::vector<T> out, dq;
  std::vector<double> log_sum;
  std::vector<std::vector<T>> dkeys, dvalues;
};

template <class T>
std::vector<T> convert(const std::vector<double>& values) {
  return std::vector<T>(values.begin(), values.end());
}

template <class T, bool kFast>
Answer<T> solve(const Problem& p, bool with_term) {
  const std::vector<T> q = convert<T>(p.q), dout = convert<T>(p.dout);
  std::vector<std::vector<T>> keys, values;
  std::vector<KeySource<T>> sources;
  for (const Problem::Source& s : p.sources) {
    keys.push_back(convert<T>(s.keys));
    values.push_back(convert<T>(s.values));
  }
  Answer<T> answer;
  std::vector<KeyGradients<T>> key_gradients;
  for (const Problem::Source& s : p.sources) {
    answer.dkeys.emplace_back(s.keys.size());
    answer.dvalues.emplace_back(s.values.size());
  }
  for (size_t i = 0; i < p.sources.size(); ++i) {
    const Problem::Source& s = p.sources[i];
    KeySource<T> source;
    source.keys = keys[i].data();
    source.values = values[i].data();
    source.key_stride = p.key_heads * p.key_width;
    source.value_stride = p.key_heads * p.value_width;
    source.begin = s.begin;
    source.length = s.length;
    source.query_start = s.query_start;
    source.key_start = s.key_start;
    source.of_query = s.of_query;
    source.block_table = s.table;
    source.block_begin = s.table_begin;
    source.mask = s.mask;
    source.head_masks = s.head_masks;
    source.query_document = s.query_document;
    source.key_document = s.key_document;
    source.documents_ascend = s.documents_ascend;
    source.real_length = s.real_length;
    sources.push_back(source);
    key_gradients.push_back({answer.dkeys[i].data(), answer.dvalues[i].data(), source.key_stride, source.value_stride});
  }
  const DistanceTerm<T> term;
  const ScoreTerm<T>* const terms[] = {&term};
  AttentionPlan<T> plan;
  plan.query_heads = p.query_heads;
  plan.key_heads = p.key_heads;
  plan.key_width = p.key_width;
  plan.value_width = p.value_width;
  plan.scale = static_cast<T>(1 / std::sqrt(static_cast<double>(p.key_width)));
  plan.soft_cap = static_cast<T>(p.soft_cap);
  if (with_term) plan.terms = terms;
  if (p.dropout > 0)
    plan.dropout = {77, drop_threshold(p.dropout), static_cast<float>(1 / (1 - p.dropout)), p.examples.data(), nullptr};
  const AttentionQueries<T> queries = {q.data(), p.query_heads * p.key_width, p.query_offsets};
  answer.out.resize(static_cast<size_t>(p.rows() * p.query_heads * p.value_width));
  answer.log_sum.resize(static_cast<size_t>(p.rows() * p.query_heads));
  answer.dq.resize(q.size(), T(9));
  AttentionScratch scratch;
  AttentionGradients<T> gradients;
  gradients.out = answer.out.data();
  gradients.log_sum = answer.log_sum.data();
  gradients.dout = dout.data();
  gradients.out_stride = gradients.dout_stride = p.query_heads * p.value_width;
  gradients.dq = answer.dq.data();
  gradients.dq_stride = p.query_heads * p.key_width;
  gradients.sources = key_gradients;
  if constexpr (kFast) {
    cpu::attention(plan, queries, sources, answer.out.data(), gradients.out_stride, answer.log_sum.data(), scratch);
    cpu::attention_backward(plan, queries, sources, gradients, scratch);
  } else {
    reference::attention<T>(plan, queries, sources, answer.out.data(), gradients.out_stride, answer.log_sum.data(),
                            scratch);
    reference::attention_backward<T>(plan, queries, sources, gradients, scratch);
  }
  return answer;
}

// max|a-b| / max|b|. `least` is what counts as the smallest maximum: where a softmax saturates, a gradient
// is the difference of numbers near 10 that cancel, and f32 leaves their rounding (about 1e-6).
template <class A>
double relative_error(const std::vector<A>& a, const std::vector<double>& b, double least = 0.1) {
  double difference = 0, largest = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    if (!std::isfinite(b[i])) {
      if (static_cast<double>(a[i]) != b[i]) return 1e9;
      continue;
    }
    if (!std::isfinite(static_cast<double>(a[i]))) return 1e9;
    difference = std::max(difference, std::abs(static_cast<double>(a[i]) - b[i]));
    largest = std::max(largest, std::abs(b[i]));
  }
  return difference / std::max(largest, least);
}

// Scores of more than a thousand, all alike: each weight is 1/n, and each value's gradient the sum of `queries` of
// them.
void expect_large_scores_to_lose_nothing(int32_t queries, RandomStream& random) {
  constexpr int32_t kKeys = 70;
  constexpr int64_t kWidth = 19;
  std::vector<float> q(kKeys * kWidth), ones(q.size(), 1.0f);
  for (size_t i = 0; i < q.size(); ++i) q[i] = i < kWidth ? 8 + static_cast<float>(random.uniform()) : q[i - kWidth];
  const std::vector<int32_t> offsets = {0, queries}, begin = {0}, length = {kKeys};
  AttentionPlan<float> plan;
  plan.key_width = plan.value_width = kWidth;
  plan.scale = 0.9f;
  std::vector<KeySource<float>> source(1);
  source[0].keys = source[0].values = q.data();
  source[0].key_stride = source[0].value_stride = kWidth;
  source[0].begin = begin;
  source[0].length = length;
  std::vector<float> out(q.size()), dq(q.size()), dkeys(q.size()), dvalues(q.size());
  std::vector<double> log_sum(kKeys);
  const std::vector<KeyGradients<float>> gradients = {{dkeys.data(), dvalues.data(), kWidth, kWidth}};
  AttentionScratch scratch;
  attention(plan, {q.data(), kWidth, offsets}, source, out.data(), kWidth, log_sum.data(), scratch);
  attention_backward(plan, {q.data(), kWidth, offsets}, source,
                     {out.data(), log_sum.data(), ones.data(), kWidth, kWidth, dq.data(), kWidth, gradients}, scratch);
  const float expected = static_cast<float>(queries) / kKeys;
  for (const float gradient : dvalues) ASSERT_NEAR(gradient, expected, 2e-6f * expected) << queries << " queries";
}

TEST(Attention, LargeScoresLoseNothingInTheBackwardPass) {
  RandomStream random({11, 0, 0, 0});
  for (const int32_t queries : {1, 2, 70})
    for (int round = 0; round < 10; ++round) expect_large_scores_to_lose_nothing(queries, random);
}

void expect_fast_equals_reference(const Problem& p, bool term, int round) {
  const Answer<double> slow = solve<double, false>(p, term);
  const Answer<float> fast = solve<float, true>(p, term);
  EXPECT_LE(relative_error(fast.out, slow.out), 1e-5) << round;
  EXPECT_LE(relative_error(fast.log_sum, slow.log_sum), 1e-5) << round;
  EXPECT_LE(relative_error(fast.dq, slow.dq, 1.0), 1e-5) << round;
  for (size_t s = 0; s < p.sources.size(); ++s) {
    EXPECT_LE(relative_error(fast.dkeys[s], slow.dkeys[s], 1.0), 1e-5) << round;
    EXPECT_LE(relative_error(fast.dvalues[s], slow.dvalues[s]), 1e-5) << round;
  }
}

TEST(Attention, FastEqualsReference) {
  RandomStream random({5, 0, 0, 0});
  for (int round = 0; round < 200; ++round) {
    Problem p = random_problem(random, round % 3 == 1, round % 4 == 2);
    if (round % 5 == 3) p.dropout = 0.3;
    expect_fast_equals_reference(p, round % 6 == 5, round);
  }
}

// Single queries, which read the keys where they lie, and more than pass over the keys together.
TEST(Attention, FewAndManyQueriesAtEveryLevel) {
  at_every_simd_level([] {
    RandomStream random({12, 0, 0, 0});
    for (int round = 0; round < 12; ++round) {
      Problem p = random_problem(random, round % 3 == 1, round % 4 == 2, round % 2 ? 1 : 430);
      if (round % 5 == 3) p.dropout = 0.3;
      expect_fast_equals_reference(p, round % 6 == 5, round);
    }
  });
}

double weighted_output(const Problem& p, bool term) {
  const Answer<double> answer = solve<double, false>(p, term);
  return std::inner_product(answer.out.begin(), answer.out.end(), p.dout.begin(), 0.0);
}

TEST(Attention, ReferenceGradientsEqualFiniteDifferences) {
  RandomStream random({6, 0, 0, 0});
  for (int round = 0; round < 12; ++round) {
    Problem p = random_problem(random, round % 3 == 1, round % 4 == 2);
    p.query_offsets = {0, 3, 3, 4};
    p.examples = {4, 5, 6};
    for (Problem::Source& source : p.sources) {
      source.query_start = {0, 2, 5};
      source.of_query = {0, 0, 0};
      if (!source.query_document.empty()) source.query_document = random_documents(random, 4, source.documents_ascend);
    }
    p.q.resize(static_cast<size_t>(p.rows() * p.query_heads * p.key_width));
    p.dout.resize(static_cast<size_t>(p.rows() * p.query_heads * p.value_width));
    if (p.q.size() < static_cast<size_t>(p.rows() * p.query_heads * p.key_width)) continue;
    for (double& x : p.q) x = random.normal();
    for (double& x : p.dout) x = random.normal();
    if (round % 2) p.dropout = 0.4;
    const bool term = round % 3 == 0;
    const Answer<double> answer = solve<double, false>(p, term);
    const auto check = [&](std::vector<double>& values, const std::vector<double>& gradient) {
      double largest = 1e-8;
      for (double g : gradient) largest = std::max(largest, std::abs(g));
      for (int k = 0; k < 6 && !values.empty(); ++k) {
        const size_t i = random.below(values.size());
        const double old = values[i], h = 1e-5;
        values[i] = old + h;
        const double up = weighted_output(p, term);
        values[i] = old - h;
        const double down = weighted_output(p, term);
        values[i] = old;
        EXPECT_NEAR((up - down) / (2 * h), gradient[i], 1e-6 * std::max(1.0, largest));
      }
    };
    check(p.q, answer.dq);
    for (size_t s = 0; s < p.sources.size(); ++s) {
      check(p.sources[s].keys, answer.dkeys[s]);
      check(p.sources[s].values, answer.dvalues[s]);
    }
  }
}

TEST(Attention, ARowWithNothingToSeeGivesZeros) {
  RandomStream random({8, 0, 0, 0});
  Problem p = random_problem(random, false, false);
  for (Problem::Source& source : p.sources) {
    source.mask = ~Mask::full() & Mask::bias(Mask::full(), 3);
    source.head_masks.clear();
  }
  const Answer<float> fast = solve<float, true>(p, false);
  for (float value : fast.out) EXPECT_EQ(value, 0.0f);
  for (float value : fast.dq) EXPECT_EQ(value, 0.0f);
  for (const auto& gradient : fast.dkeys)
    for (float value : gradient) EXPECT_EQ(value, 0.0f);
}

// One head sees nothing, the other what it did: neither knows of the other.
TEST(Attention, HeadsHaveMasksOfTheirOwn) {
  RandomStream random({10, 0, 0, 0});
  Problem p = random_problem(random, false, false);
  while (p.key_heads != 2 || p.query_heads != 2 || p.sources.size() != 1 || p.rows() < 20 || p.sources[0].rows < 20)
    p = random_problem(random, false, false);
  Problem::Source& source = p.sources[0];
  const auto own = [&](const Answer<float>& answer, int head) {
    std::vector<float> values;
    for (int64_t row = 0; row < p.rows(); ++row)
      for (int64_t c = 0; c < p.value_width; ++c)
        values.push_back(answer.out[static_cast<size_t>((row * 2 + head) * p.value_width + c)]);
    return values;
  };
  source.head_masks = {};
  source.mask = Mask::causal() & Mask::window(5);
  const Answer<float> both = solve<float, true>(p, false);
  source.head_masks = {~Mask::full(), source.mask};
  const Answer<float> second = solve<float, true>(p, false);
  EXPECT_EQ(own(second, 1), own(both, 1));
  for (float value : own(second, 0)) EXPECT_EQ(value, 0.0f);
}

}  // namespace
}  // namespace heddle::kernels
