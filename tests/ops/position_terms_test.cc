// What positions add to scores: gradients of every term, in every shape of attention, and each against its definition.

#include <limits>
#include <numeric>

#include "heddle/ops/attention.h"
#include "tests/ops/gradient_check.h"

namespace heddle::ops {
namespace {

using kernels::Mask;
using Kind = PositionTerm::Kind;

constexpr int64_t kReach = 60;

// A term and its weights, which are put in when it runs: they are inputs of the operation.
struct RandomTerm {
  RandomTerm(RandomStream& random, Kind kind, int heads, int64_t width) {
    term.kind = kind;
    for (int h = 0; h < heads; ++h) slopes.push_back(static_cast<double>(1 + random.below(8)) / 16);
    term.slopes = slopes;
    for (int64_t d = -kReach; d <= kReach; ++d) buckets.push_back(static_cast<int32_t>(random.below(7)));
    term.buckets = buckets;
    term.reach = kReach;
    if (kind == Kind::bias) weights.push_back(random_tensor(random, {7, heads}));
    if (kind == Kind::context)
      weights.push_back(random_tensor(random, {2 + static_cast<int64_t>(random.below(4)), width}));
    if (kind != Kind::key) return;
    term.low = -static_cast<int64_t>(random.below(5));
    term.high = static_cast<int64_t>(random.below(5));
    const bool per_head = random.below(2);
    weights.push_back(random_tensor(random, {term.high - term.low + 1, per_head ? heads * width : width}));
    if (random.below(2)) weights.push_back(random_tensor(random, {heads * width}));
  }
  PositionTerm with(const Tensors& t, size_t first) const {
    PositionTerm whole = term;
    if (!weights.empty()) whole.table = t[first];
    if (weights.size() > 1) whole.shift = t[first + 1];
    return whole;
  }

  PositionTerm term;
  std::vector<double> slopes;
  std::vector<int32_t> buckets;
  Tensors weights;
};

// One example's rows, one after the other.
class OneSequence {
 public:
  explicit OneSequence(int32_t length)
      : offsets_{0, length}, position_(static_cast<size_t>(length)), example_(position_.size(), 7) {
    std::iota(position_.begin(), position_.end(), 0);
  }
  Rows rows() const { return {offsets_, example_, position_}; }

 private:
  std::vector<int32_t> offsets_, position_;
  std::vector<int64_t> example_;
};

AttentionOptions random_options(RandomStream& random, Kind kind, int64_t width) {
  AttentionOptions options;
  options.key_heads = 1 + static_cast<int>(random.below(2));
  options.heads = options.key_heads * (1 + static_cast<int>(random.below(3)));
  options.scale = 1 / std::sqrt(static_cast<double>(width));
  const Mask masks[] = {Mask::full(), Mask::causal(), Mask::causal() & Mask::window(2), ~Mask::diagonal()};
  options.mask = kind == Kind::context ? Mask::causal() : masks[random.below(4)];
  if (random.below(2)) options.dropout = {RandomKey{random.next64(), 1, 0, site_id("test.weights")}, 0.3};
  return options;
}

TEST(PositionTerms, GradientsInSelfAttention) {
  for (const Kind kind : {Kind::none, Kind::slope, Kind::bias, Kind::key, Kind::context})
    over_packed_rows(71, [&](RandomStream& random, const PackedRows& rows) {
      const int64_t widths[] = {1, 3, 8, 17}, width = widths[random.below(4)];
      AttentionOptions options = random_options(random, kind, width);
      const RandomTerm term(random, kind, options.heads, width);
      Operation operation;
      operation.inputs = {random_tensor(random, {rows.count(), (options.heads + 2 * options.key_heads) * width})};
      operation.inputs.insert(operation.inputs.end(), term.weights.begin(), term.weights.end());
      operation.run = [&](const Tensors& t, Compute) {
        AttentionOptions with = options;
        with.term = term.with(t, 1);
        return self_attention(t[0], rows.rows(), with);
      };
      check_operation(operation);
    });
}

TEST(PositionTerms, GradientsWithQueriesKeysAndValuesApart) {
  for (const Kind kind : {Kind::slope, Kind::bias, Kind::key, Kind::context})
    over_packed_rows(72, [&](RandomStream& random, const PackedRows& rows) {
      const int64_t widths[] = {1, 3, 8, 17}, width = widths[random.below(4)], value_width = widths[random.below(4)];
      AttentionOptions options = random_options(random, kind, width);
      const RandomTerm term(random, kind, options.heads, width);
      Operation operation;
      operation.inputs = {random_tensor(random, {rows.count(), options.heads * width}),
                          random_tensor(random, {rows.count(), options.key_heads * width}),
                          random_tensor(random, {rows.count(), options.key_heads * value_width})};
      operation.inputs.insert(operation.inputs.end(), term.weights.begin(), term.weights.end());
      operation.run = [&](const Tensors& t, Compute) {
        AttentionOptions with = options;
        with.term = term.with(t, 3);
        return attention(t[0], t[1], t[2], rows.rows(), rows.rows(), with);
      };
      check_operation(operation);
    });
}

// Gradients of attention within one sequence: the inputs are queries, keys, values, and what options_of() puts in.
template <class OptionsOf>
void check_one_sequence(Tensors inputs, OptionsOf&& options_of) {
  const OneSequence sequence(static_cast<int32_t>(inputs[0].rows()));
  Operation operation;
  operation.inputs = std::move(inputs);
  operation.run = [&](const Tensors& t, Compute) {
    return attention(t[0], t[1], t[2], sequence.rows(), sequence.rows(), options_of(t));
  };
  check_operation(operation);
}

// A sequence of several tiles of the fast kernel, whose counts go on from tile to tile.
TEST(PositionTerms, CountsByContextCrossTiles) {
  constexpr int32_t kRows = 130;
  RandomStream random({74, 0, 0, 0});
  check_one_sequence({random_tensor(random, {kRows, 2 * 3}), random_tensor(random, {kRows, 3}),
                      random_tensor(random, {kRows, 3}), random_tensor(random, {12, 3})},
                     [](const Tensors& t) -> AttentionOptions {
                       return {.heads = 2,
                               .key_heads = 1,
                               .scale = 0.6,
                               .mask = Mask::causal(),
                               .term = {.kind = Kind::context, .table = t[3]}};
                     });
}

// Sequences of several tiles; places that are all reached, that end soon, and gates of which most are shut.
TEST(PositionTerms, CountsByContextAreTheirDefinition) {
  constexpr int32_t kRows = 200;
  constexpr int64_t kWidth = 16;
  RandomStream random({76, 0, 0, 0});
  const OneSequence sequence(kRows);
  for (const int64_t places : {2, 12, 300})
    for (const double shut : {0.0, 60.0}) {
      const Tensor q = random_tensor(random, {kRows, kWidth}), k = random_tensor(random, {kRows, kWidth}),
                   v = random_tensor(random, {kRows, 1}), e = random_tensor(random, {places, kWidth});
      for (int64_t i = 0; i < kRows; ++i) {
        q.data<double>()[i * kWidth] = 1;
        if (i % 16 != 3) k.data<double>()[i * kWidth] -= shut;
      }
      const auto attend = [&](DType type) {
        const auto as = [&](const Tensor& t) { return converted(t, type); };
        return attention(
            as(q), as(k), as(v), sequence.rows(), sequence.rows(),
            {.heads = 1, .scale = 0.5, .mask = Mask::causal(), .term = {.kind = Kind::context, .table = as(e)}});
      };
      const Tensor exact = attend(DType::f64), fast = attend(DType::f32);
      const auto product = [&](int64_t i, const Tensor& t, int64_t row) {
        double sum = 0;
        for (int64_t c = 0; c < kWidth; ++c)
          sum += q.data<double>()[i * kWidth + c] * t.data<double>()[row * kWidth + c];
        return sum;
      };
      for (int64_t i = 0; i < kRows; ++i) {
        double position = 0, total = 0, mixed = 0;
        for (int64_t j = i; j >= 0; --j) {
          const double score = 0.5 * product(i, k, j);
          position += 1 / (1 + std::exp(-score));
          const double p = std::min(position, static_cast<double>(places - 1));
          const int64_t m = std::min(static_cast<int64_t>(p), places - 2);
          const double w = p - static_cast<double>(m);
          const double weight = std::exp(score + (1 - w) * product(i, e, m) + w * product(i, e, m + 1));
          total += weight;
          mixed += weight * v.data<double>()[j];
        }
        EXPECT_NEAR(exact.data<double>()[i], mixed / total, 1e-10) << places << " " << shut << " " << i;
        EXPECT_NEAR(static_cast<double>(fast.data<float>()[i]), mixed / total, 2e-4)
            << places << " " << shut << " " << i;
      }
    }
}

// One query over the keys of several tiles, as in decoding, sees what the last of many queries sees.
TEST(PositionTerms, OfOneQueryAreThoseOfTheLast) {
  constexpr int32_t kRows = 210;
  constexpr int64_t kWidth = 24;
  RandomStream random({77, 0, 0, 0});
  const OneSequence sequence(kRows);
  const int32_t offsets[] = {0, 1}, position[] = {kRows - 1};
  const int64_t example[] = {7};
  const Rows last = {offsets, example, position};
  for (const Kind kind : {Kind::key, Kind::context})
    for (int round = 0; round < 6; ++round) {
      RandomTerm term(random, kind, 2, kWidth);
      if (kind == Kind::context) term.weights[0] = random_tensor(random, {round < 3 ? 16 : 300, kWidth});
      const Tensor q = random_tensor(random, {kRows, 2 * kWidth}), k = random_tensor(random, {kRows, 2 * kWidth}),
                   v = random_tensor(random, {kRows, 2 * kWidth});
      for (const DType type : {DType::f32, DType::f64}) {
        Tensors weights;
        for (const Tensor& weight : term.weights) weights.push_back(converted(weight, type));
        AttentionOptions options = {.heads = 2, .scale = 0.5, .mask = Mask::causal(), .term = term.with(weights, 0)};
        const Tensor queries = converted(q, type), keys = converted(k, type), values = converted(v, type);
        const Tensor all = attention(queries, keys, values, sequence.rows(), sequence.rows(), options);
        const Tensor one = attention(queries.row_range(kRows - 1, kRows), keys, values, last, sequence.rows(), options);
        const Tensor found = converted(one, DType::f64),
                     expected = converted(all.row_range(kRows - 1, kRows), DType::f64);
        for (int64_t c = 0; c < 2 * kWidth; ++c)
          EXPECT_NEAR(found.data<double>()[c], expected.data<double>()[c], type == DType::f32 ? 1e-4 : 1e-12) << round;
      }
    }
}

// Distances over several tiles of the fast kernel, some of them beyond the ends.
TEST(PositionTerms, DistancesCrossTiles) {
  constexpr int32_t kRows = 130;
  constexpr int64_t kWidth = 3;
  RandomStream random({78, 0, 0, 0});
  for (const bool per_head : {false, true})
    check_one_sequence({random_tensor(random, {kRows, 2 * kWidth}), random_tensor(random, {kRows, kWidth}),
                        random_tensor(random, {kRows, 3}), random_tensor(random, {115, per_head ? 2 * kWidth : kWidth}),
                        random_tensor(random, {2 * kWidth})},
                       [](const Tensors& t) -> AttentionOptions {
                         return {.heads = 2,
                                 .key_heads = 1,
                                 .scale = 0.6,
                                 .term = {.kind = Kind::key, .table = t[3], .shift = t[4], .low = -80, .high = 34}};
                       });
}

// Context counts the scores that an additive score and a span leave: beside the span it is the second that knows its
// own keys alone.
TEST(PositionTerms, CountsByContextOfOtherTerms) {
  constexpr int32_t kRows = 20;
  RandomStream random({79, 0, 0, 0});
  check_one_sequence(
      {random_tensor(random, {kRows, 6}), random_tensor(random, {kRows, 6}), random_tensor(random, {kRows, 6}),
       random_tensor(random, {5, 3}), random_tensor(random, {6}), random_tensor(random, {2})},
      [](const Tensors& t) -> AttentionOptions {
        return {.heads = 2,
                .scale = 0.6,
                .mask = Mask::causal(),
                .term = {.kind = Kind::context, .table = t[3]},
                .additive = t[4],
                .span = {.logits = t[5], .longest = 9, .ramp = 3}};
      });
}

// A model that has diverged: a query that is no number finds a place as well, and spoils no other's.
TEST(PositionTerms, CountsByContextWithoutNumbers) {
  constexpr int32_t kRows = 70;
  RandomStream random({75, 0, 0, 0});
  const OneSequence sequence(kRows);
  const Rows rows = sequence.rows();
  const Tensor q = random_tensor(random, {kRows, 3}), k = random_tensor(random, {kRows, 3}),
               v = random_tensor(random, {kRows, 3}), table = random_tensor(random, {12, 3});
  q.data<double>()[66 * 3] = std::numeric_limits<double>::quiet_NaN();
  const Tensor out =
      attention(q, k, v, rows, rows,
                {.heads = 1, .scale = 0.6, .mask = Mask::causal(), .term = {.kind = Kind::context, .table = table}});
  for (int64_t i = 0; i < kRows; ++i) EXPECT_TRUE(i == 66 || std::isfinite(out.data<double>()[i * 3])) << i;
}

// One sequence, scores written out: softmax of scale·q·k and what the term adds.
TEST(PositionTerms, AreTheirDefinitions) {
  constexpr int64_t kRows = 9, kWidth = 4;
  constexpr int kHeads = 2;
  RandomStream random({73, 0, 0, 0});
  const OneSequence sequence(kRows);
  const Rows rows = sequence.rows();
  for (const Kind kind : {Kind::slope, Kind::bias, Kind::key})
    for (int round = 0; round < 8; ++round) {
      const RandomTerm random_term(random, kind, kHeads, kWidth);
      const PositionTerm term = random_term.with(random_term.weights, 0);
      const Tensor q = random_tensor(random, {kRows, kHeads * kWidth}),
                   k = random_tensor(random, {kRows, kHeads * kWidth}),
                   v = random_tensor(random, {kRows, kHeads * kWidth});
      const Tensor out = attention(q, k, v, rows, rows, {.heads = kHeads, .scale = 0.5, .term = term});
      const auto at = [](const Tensor& t, int64_t row, int64_t column) {
        return t.data<double>()[row * t.width() + column];
      };
      const auto added = [&](int64_t i, int64_t j, int h) {
        const int64_t distance = j - i;
        if (kind == Kind::slope) return -term.slopes[static_cast<size_t>(h)] * std::abs(static_cast<double>(distance));
        if (kind == Kind::bias) return at(term.table, term.buckets[static_cast<size_t>(distance + kReach)], h);
        const int64_t row = std::clamp(distance, term.low, term.high) - term.low;
        double sum = 0;
        for (int64_t c = 0; c < kWidth; ++c) {
          const double shift = term.shift.defined() ? term.shift.data<double>()[h * kWidth + c] : 0.0;
          sum += (at(q, i, h * kWidth + c) + shift) *
                 at(term.table, row, term.table.width() > kWidth ? h * kWidth + c : c);
        }
        return 0.5 * sum;
      };
      for (int64_t i = 0; i < kRows; ++i)
        for (int h = 0; h < kHeads; ++h) {
          Doubles sums(kWidth);
          double total = 0;
          for (int64_t j = 0; j < kRows; ++j) {
            double score = 0;
            for (int64_t c = 0; c < kWidth; ++c) score += at(q, i, h * kWidth + c) * at(k, j, h * kWidth + c);
            const double power = std::exp(0.5 * score + added(i, j, h));
            total += power;
            for (int64_t c = 0; c < kWidth; ++c) sums[static_cast<size_t>(c)] += power * at(v, j, h * kWidth + c);
          }
          for (int64_t c = 0; c < kWidth; ++c)
            EXPECT_NEAR(at(out, i, h * kWidth + c), sums[static_cast<size_t>(c)] / total, 1e-12);
        }
    }
}

}  // namespace
}  // namespace heddle::ops
