// Attention against its definition, written out number by number and sharing nothing with the
// kernels: every part of the interface at once.

#include <algorithm>
#include <limits>

#include "heddle/kernels/attention.h"
#include "tests/kernels/kernel_comparison.h"
#include "tests/kernels/mask_formulas.h"

namespace heddle::kernels {
namespace {

constexpr double kForbidden = -std::numeric_limits<double>::infinity();
constexpr int64_t kBlockRows = 3;
constexpr uint64_t kDropoutKey = 77;
constexpr double kDropped = 0.3;

// Keys and values of one source in blocks of three rows that lie anywhere in the cache, or row
// after row.
struct Source {
  std::vector<int32_t> begin, length, key_start, query_start, of_query, table, table_begin;
  std::vector<std::vector<int64_t>> row;  // where row j of key sequence s lies
  int64_t rows = 0;
  Doubles keys, values;
  std::vector<Mask> masks;  // one for each head
  std::vector<int32_t> query_document, key_document, real_length;
  std::vector<int64_t> document_begin;  // of each key sequence, in key_document
};

struct Case {
  int key_heads, group;  // query heads for each key head
  int64_t key_width, value_width;
  std::vector<int32_t> offsets{0};
  std::vector<int64_t> examples;
  Doubles q;
  std::vector<Source> sources;
  bool drops, biased;

  int heads() const { return key_heads * group; }
  double scale() const { return 1 / std::sqrt(static_cast<double>(key_width)); }
};

void place_rows(RandomStream& random, Source& source, bool paged) {
  std::vector<int32_t> blocks;
  for (int32_t length : source.length)
    for (int64_t b = 0; b * kBlockRows < length; ++b) blocks.push_back(static_cast<int32_t>(blocks.size()));
  for (size_t i = blocks.size(); i > 1; --i) std::swap(blocks[i - 1], blocks[random.below(i)]);
  int32_t next = 0;
  for (int32_t length : source.length) {
    std::vector<int64_t> rows;
    source.begin.push_back(static_cast<int32_t>(source.rows));
    if (paged) source.table_begin.push_back(static_cast<int32_t>(source.table.size()));
    for (int32_t j = 0; j < length; ++j) {
      if (paged && j % kBlockRows == 0) source.table.push_back(blocks[static_cast<size_t>(next++)]);
      rows.push_back(paged ? source.table.back() * kBlockRows + j % kBlockRows : source.rows + j);
    }
    source.row.push_back(rows);
    source.rows += length;
  }
  if (paged) source.rows = std::ssize(blocks) * kBlockRows;
}

Source random_source(RandomStream& random, const Case& c, bool paged) {
  const int64_t sequences = std::ssize(c.offsets) - 1;
  Source source;
  for (int s = 0; s < 2; ++s) {
    source.length.push_back(static_cast<int32_t>(random.below(120)));
    source.key_start.push_back(static_cast<int32_t>(random.below(5)));
  }
  for (int64_t s = 0; s < sequences; ++s) {
    source.of_query.push_back(static_cast<int32_t>(random.below(2)));
    source.query_start.push_back(static_cast<int32_t>(random.below(60)));
  }
  place_rows(random, source, paged);
  source.keys = random_values(random, source.rows * c.key_heads * c.key_width);
  source.values = random_values(random, source.rows * c.key_heads * c.value_width);
  for (int head = 0; head < c.heads(); ++head)
    source.masks.push_back(random_mask(random) & Mask::bias(random_mask(random), random.normal()));
  if (random.below(2)) {
    for (int64_t s = 0; s < sequences; ++s) {
      const auto more =
          random_documents(random, c.offsets[static_cast<size_t>(s) + 1] - c.offsets[static_cast<size_t>(s)], false);
      source.query_document.insert(source.query_document.end(), more.begin(), more.end());
    }
    // By the places in the block table where keys are in blocks, which end in the midst of one.
    for (size_t s = 0; s < source.length.size(); ++s) {
      const int32_t places = paged ? (source.length[s] + 2) / 3 * 3 : source.length[s];
      const auto more = random_documents(random, places, false);
      source.document_begin.push_back(std::ssize(source.key_document));
      source.key_document.insert(source.key_document.end(), more.begin(), more.end());
    }
  }
  for (int32_t length : source.length)
    source.real_length.push_back(static_cast<int32_t>(random.below(static_cast<uint64_t>(length) + 1)));
  return source;
}

Case random_case(RandomStream& random, int round) {
  Case c;
  c.key_heads = 1 + static_cast<int>(random.below(2));
  c.group = 1 + static_cast<int>(random.below(3));
  c.key_width = 1 + static_cast<int64_t>(random.below(20));
  c.value_width = round % 2 ? 16 : 1 + static_cast<int64_t>(random.below(20));
  for (int s = 0; s < 4; ++s) {
    const int32_t lengths[] = {0, 1, 5, 70};
    c.offsets.push_back(c.offsets.back() + lengths[random.below(4)]);
    c.examples.push_back(static_cast<int64_t>(random.below(1000000)));
  }
  c.q = random_values(random, c.offsets.back() * c.heads() * c.key_width);
  c.drops = round % 3 == 1;
  c.biased = round % 4 == 2;
  for (int i = 0; i <= round % 2; ++i) c.sources.push_back(random_source(random, c, round % 3 != 0));
  return c;
}

double bias_of(int head, int64_t query, int64_t key) {
  return -0.02 * static_cast<double>((head + 1) * std::abs(query - key));
}

template <class T>
class Bias : public ScoreTerm<T> {
 public:
  void add(const ScoreTile& tile, const T*, T* score) const override {
    for (int64_t i = 0; i < tile.rows; ++i)
      for (int64_t j = 0; j < tile.columns; ++j)
        score[i * tile.stride + j] += static_cast<T>(bias_of(tile.head, tile.query + i, tile.key + j));
  }
  void backward(const ScoreTile&, const T*, T*, T*, int) const override {}
};

// One pair of a query and a key: its score, and what dropout makes of its weight.
struct Pair {
  double score, factor;
  const double* value;
};

Pair pair_of(const Case& c, const Source& source, int64_t s, int head, int64_t i, int64_t j) {
  const auto at = static_cast<size_t>(s);
  const auto key_sequence = static_cast<size_t>(source.of_query[at]);
  const int64_t row = source.row[key_sequence][static_cast<size_t>(j)];
  const int64_t query = source.query_start[at] + i, key = source.key_start[key_sequence] + j;
  const int64_t key_head = head / c.group;
  const double* q = c.q.data() + ((c.offsets[at] + i) * c.heads() + head) * c.key_width;
  const double* k = source.keys.data() + (row * c.key_heads + key_head) * c.key_width;
  Pair pair = {0, 1, source.values.data() + (row * c.key_heads + key_head) * c.value_width};
  for (int64_t d = 0; d < c.key_width; ++d) pair.score += q[d] * k[d];
  pair.score = pair.score * c.scale() + (c.biased ? bias_of(head, query, key) : 0);
  MaskFacts facts = {.query_start = query,
                     .key_start = key,
                     .padding_begin = source.key_start[key_sequence] + source.real_length[key_sequence]};
  if (!source.query_document.empty()) {
    facts.query_document = std::span(source.query_document).subspan(static_cast<size_t>(c.offsets[at] + i), 1);
    facts.key_document =
        std::span(source.key_document).subspan(static_cast<size_t>(source.document_begin[key_sequence] + j), 1);
  }
  const Mask& mask = source.masks[static_cast<size_t>(head)];
  for (const MaskBias& bias : mask.biases())
    if (bias.where.allowed(query, key, facts)) pair.score += bias.score;
  if (!mask.allowed(query, key, facts)) pair.score = kForbidden;
  if (c.drops)
    pair.factor = random16(mix64(kDropoutKey ^ static_cast<uint64_t>(head)), static_cast<uint64_t>(c.examples[at]),
                           static_cast<uint32_t>(query), static_cast<uint32_t>(key)) < drop_threshold(kDropped)
                      ? 0
                      : 1 / (1 - kDropped);
  return pair;
}

Doubles by_definition(const Case& c) {
  Doubles out(static_cast<size_t>(c.offsets.back() * c.heads() * c.value_width));
  for (int64_t s = 0; s + 1 < std::ssize(c.offsets); ++s)
    for (int64_t i = 0; i < c.offsets[static_cast<size_t>(s) + 1] - c.offsets[static_cast<size_t>(s)]; ++i)
      for (int head = 0; head < c.heads(); ++head) {
        std::vector<Pair> pairs;
        for (const Source& source : c.sources)
          for (int64_t j = 0; j < std::ssize(source.row[static_cast<size_t>(source.of_query[static_cast<size_t>(s)])]);
               ++j)
            pairs.push_back(pair_of(c, source, s, head, i, j));
        double total = 0;
        for (const Pair& pair : pairs) total += std::exp(pair.score);
        double* result = out.data() + ((c.offsets[static_cast<size_t>(s)] + i) * c.heads() + head) * c.value_width;
        for (const Pair& pair : pairs)
          for (int64_t d = 0; total > 0 && d < c.value_width; ++d)
            result[d] += std::exp(pair.score) / total * pair.factor * pair.value[d];
      }
  return out;
}

template <class T>
std::vector<T> by_kernel(const Case& c) {
  const std::vector<T> q(c.q.begin(), c.q.end());
  std::vector<std::vector<T>> keys, values;
  for (const Source& source : c.sources) {
    keys.emplace_back(source.keys.begin(), source.keys.end());
    values.emplace_back(source.values.begin(), source.values.end());
  }
  std::vector<KeySource<T>> sources;
  for (size_t i = 0; i < c.sources.size(); ++i) {
    const Source& from = c.sources[i];
    KeySource<T>& source = sources.emplace_back();
    source.keys = keys[i].data();
    source.values = values[i].data();
    source.key_stride = c.key_heads * c.key_width;
    source.value_stride = c.key_heads * c.value_width;
    source.begin = from.begin;
    source.length = from.length;
    source.block_table = from.table;
    source.block_begin = from.table_begin;
    source.block_rows = kBlockRows;
    source.of_query = from.of_query;
    source.query_start = from.query_start;
    source.key_start = from.key_start;
    source.head_masks = from.masks;
    source.query_document = from.query_document;
    source.key_document = from.key_document;
    source.real_length = from.real_length;
  }
  const Bias<T> bias;
  const ScoreTerm<T>* const terms[] = {&bias};
  AttentionPlan<T> plan;
  plan.query_heads = c.heads();
  plan.key_heads = c.key_heads;
  plan.key_width = c.key_width;
  plan.value_width = c.value_width;
  plan.scale = static_cast<T>(c.scale());
  if (c.biased) plan.terms = terms;
  if (c.drops)
    plan.dropout = {kDropoutKey, drop_threshold(kDropped), static_cast<float>(1 / (1 - kDropped)), c.examples.data(),
                    nullptr};
  const int64_t width = c.heads() * c.value_width;
  std::vector<T> out(static_cast<size_t>(c.offsets.back() * width));
  std::vector<double> log_sum(static_cast<size_t>(c.offsets.back() * c.heads()));
  AttentionScratch scratch;
  attention(plan, {q.data(), c.heads() * c.key_width, c.offsets}, sources, out.data(), width, log_sum.data(), scratch);
  return out;
}

TEST(AttentionDefinition, EveryPartOfTheInterfaceIsItsFormula) {
  RandomStream random({31, 0, 0, 0});
  for (int round = 0; round < 60; ++round) {
    const Case c = random_case(random, round);
    const Doubles expected = by_definition(c);
    // The factor of dropout is an f32 number.
    EXPECT_LE(tensor_error(by_kernel<double>(c), expected), c.drops ? 1e-7 : 1e-12) << round;
    EXPECT_LE(tensor_error(by_kernel<float>(c), expected), 1e-5) << round;
  }
}

}  // namespace
}  // namespace heddle::kernels
