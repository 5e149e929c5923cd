// A Transformer as a StepModel: its cache under forks, reorderings and drops, against running the
// whole prefix again; and beam search over it against exhaustive search.

#include "heddle/task/transformer_steps.h"

#include <gtest/gtest.h>

#include <cmath>

#include "heddle/nn/hooks.h"
#include "tests/decode/exhaustive_search.h"
#include "tests/task/random_translator.h"

namespace heddle::task {
namespace {

// The textbook: every step encodes the source and decodes the whole prefix, sequence by sequence.
class WholePrefix : public decode::StepModel {
 public:
  explicit WholePrefix(const RandomTranslator& translator, nn::Hooks* probe = nullptr)
      : translator_(translator), probe_(probe) {}

  int32_t vocab_size() const override { return static_cast<int32_t>(translator_.loaded.model.config().vocab_size); }
  int64_t sequences() const override { return std::ssize(translator_.sources); }
  int64_t source_length(int64_t s) const override { return std::ssize(translator_.sources[static_cast<size_t>(s)]); }
  std::span<float> step(std::span<const Row> rows) override {
    std::vector<Ids> next;
    log_probabilities_.clear();
    attention_.clear();
    for (const Row& row : rows) {
      Ids prefix = row.parent < 0 ? Ids{} : prefixes_[static_cast<size_t>(row.parent)];
      prefix.push_back(row.token);
      std::ranges::copy(follow(translator_.sources[static_cast<size_t>(row.sequence)], prefix),
                        std::back_inserter(log_probabilities_));
      next.push_back(std::move(prefix));
    }
    prefixes_ = std::move(next);
    return log_probabilities_;
  }
  bool keep_attention() override {
    probe_ = &reader_;
    const auto name =
        fmt::format("decoder.layers.{}.cross_attention", translator_.loaded.model.config().decoder_layers - 1);
    reader_.weights(name, [this](const nn::AttentionMap& map) {
      if (map.head == 0) attention_.emplace_back(static_cast<size_t>(map.columns));
      for (int64_t i = 0; i < map.columns; ++i)
        attention_.back()[static_cast<size_t>(i)] += static_cast<float>(map.at(map.rows - 1, i) / heads());
    });
    return true;
  }
  std::span<const float> attention(int64_t row) override { return attention_[static_cast<size_t>(row)]; }

 private:
  double heads() const { return static_cast<double>(*translator_.loaded.model.config().layer.heads); }
  struct Alone {
    explicit Alone(const Ids& ids) : offsets{0, static_cast<int32_t>(ids.size())}, example(ids.size()) {
      for (size_t i = 0; i < ids.size(); ++i) position.push_back(static_cast<int32_t>(i));
    }
    Rows rows() const { return {offsets, example, position}; }
    Ids offsets, position;
    std::vector<int64_t> example;
  };
  std::vector<float> follow(const Ids& source, const Ids& prefix) const {
    const model::EncoderDecoder& model = translator_.loaded.model;
    const nn::Pass pass = translator_.pass(probe_);
    const Alone from(source), to(prefix);
    const Tensor states =
        model.decode(pass, {prefix, to.rows()}, model.encode(pass, {source, from.rows()}), from.rows());
    const int64_t last = std::ssize(prefix) - 1;
    const Ids one = {0, 1};
    const Tensor scores = model.log_probabilities(pass, keep(states.row_range(last, last + 1)),
                                                  {one, std::span(to.example).last(1), std::span(to.position).last(1)});
    const auto values = scores.span<float>();
    return {values.begin(), values.end()};
  }

  const RandomTranslator& translator_;
  nn::Hooks* probe_;
  nn::Hooks reader_;
  std::vector<Ids> prefixes_;
  std::vector<std::vector<float>> attention_;
  std::vector<float> log_probabilities_;
};

// Rows of a random next step: every sequence that is left keeps some of its hypotheses, forked and
// in any order.
std::vector<Row> random_rows(RandomStream& random, const std::vector<Row>& before, int32_t vocab) {
  std::vector<Row> rows;
  for (size_t first = 0; first < before.size();) {
    size_t last = first;
    while (last < before.size() && before[last].sequence == before[first].sequence) ++last;
    const bool leaves = random.below(12) == 0;
    for (uint64_t n = leaves ? 0 : 1 + random.below(60); n > 0; --n)
      rows.push_back({static_cast<int32_t>(first + random.below(last - first)),
                      static_cast<int32_t>(random.below(static_cast<uint64_t>(vocab))), before[first].sequence});
    first = last;
  }
  return rows;
}

TEST(TransformerSteps, TheCacheGivesWhatTheWholePrefixGives) {
  RandomStream random({3, 0, 0, 0});
  constexpr int32_t kVocab = 11;
  struct Case {
    const char *place, *attention, *network;
  };
  for (const auto& [place, attention, network] :
       {Case{"pre", "softmax", "relu"}, Case{"post", "softmax", "moe"}, Case{"pre", "linear", "convolution"},
        Case{"post", "linear", "relu"}, Case{"post", "softmax", "convolution"}}) {
    SCOPED_TRACE(fmt::format("{} {}", attention, network));
    const RandomTranslator translator(kVocab, place, {{3, 4, 5, 2}, {6, 2}, {7, 8, 9, 10, 3, 4, 2}, {2}}, attention, 64,
                                      network);
    TransformerSteps cached(translator.loaded.model, translator.pass(), translator.sources);
    WholePrefix whole(translator);
    std::vector<Row> rows;
    for (int32_t s = 0; s < 4; ++s) rows.push_back({-1, kStart, s});
    int64_t seen = 0;
    for (int step = 0; step < 9 && !rows.empty(); ++step) {
      const std::span<float> a = cached.step(rows), b = whole.step(rows);
      ASSERT_EQ(a.size(), rows.size() * kVocab);
      ASSERT_EQ(a.size(), b.size());
      for (size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], 1e-4) << "step " << step << ", row " << i / kVocab;
      seen += std::ssize(rows);
      rows = random_rows(random, rows, kVocab);
    }
    EXPECT_GT(seen, 300) << "the cache has grown once";
  }
}

// Keys and values pile up; the states of linear attention are there from the first step on.
TEST(TransformerSteps, ThePastOfLinearAttentionDoesNotGrow) {
  const auto bytes_after = [](const char* attention, int steps) {
    const RandomTranslator translator(11, "pre", {{3, 4, 5, 2}, {6, 2}}, attention, 2048);
    TransformerSteps model(translator.loaded.model, translator.pass(), translator.sources);
    std::vector<Row> rows = {{-1, kStart, 0}, {-1, kStart, 1}};
    for (int step = 0; step < steps; ++step) {
      for (const float value : model.step(rows)) EXPECT_TRUE(std::isfinite(value));
      rows = {{0, 4, 0}, {1, 5, 1}};
    }
    return model.past_bytes();
  };
  EXPECT_EQ(bytes_after("linear", 1500), bytes_after("linear", 1));
  EXPECT_GT(bytes_after("softmax", 1500), 4 * bytes_after("softmax", 1));
}

// A beam wide enough to hold every answer of at most 4 tokens over a vocabulary of 5.
decode::BeamOptions every_answer() {
  decode::BeamOptions options;
  options.beam = 400;
  options.nbest = 12;
  options.start_token = kStart;
  options.end_token = kEnd;
  options.forbidden = {kStart};
  options.max_factor = 0;
  options.max_extra = 4;
  return options;
}

TEST(TransformerSteps, AWideBeamEqualsExhaustiveSearch) {
  constexpr int32_t kVocab = 5;
  const decode::BeamOptions options = every_answer();
  const std::vector<Ids> sources = {{3, 4, 2}, {4, 4, 3, 3, 2}, {2}};
  const RandomTranslator together(kVocab, "post", sources);
  TransformerSteps steps(together.loaded.model, together.pass(), sources);
  const auto found = decode::beam_search(steps, options);
  for (size_t s = 0; s < sources.size(); ++s) {
    const RandomTranslator alone(kVocab, "post", {sources[s]});
    WholePrefix whole(alone);
    const auto all = decode::exhaustive_search(whole, options);
    ASSERT_EQ(found[s].size(), 12u);
    for (size_t i = 0; i < 12; ++i) {
      EXPECT_NEAR(found[s][i].score, all[i].score, 1e-4) << i;
      const bool tie = (i > 0 && all[i - 1].score - all[i].score < 1e-4) || all[i].score - all[i + 1].score < 1e-4;
      if (!tie) {
        EXPECT_EQ(found[s][i].tokens, all[i].tokens) << i;
      }
    }
  }
}

TEST(TransformerSteps, OtherSourcesInTheSameMemoryGiveWhatFreshOnesGive) {
  constexpr int32_t kVocab = 11;
  const RandomTranslator translator(kVocab, "pre", {{3, 4, 5, 2}});
  TransformerSteps reused(translator.loaded.model, translator.pass());
  for (const std::vector<Ids>& sources : {std::vector<Ids>{{3, 4, 5, 2}, {6, 2}}, {{7, 8, 9, 10, 3, 4, 2}}, {{6, 2}}}) {
    reused.start(sources);
    TransformerSteps fresh(translator.loaded.model, translator.pass(), sources);
    std::vector<Row> rows;
    for (size_t s = 0; s < sources.size(); ++s) rows.push_back({-1, kStart, static_cast<int32_t>(s)});
    for (int step = 0; step < 3; ++step) {
      const auto a = reused.step(rows), b = fresh.step(rows);
      EXPECT_TRUE(std::ranges::equal(a, b)) << "step " << step;
      for (size_t r = 0; r < rows.size(); ++r) rows[r].parent = static_cast<int32_t>(r);
    }
  }
}

// Every named point of the decoder is passed while decoding with a cache, as in the whole prefix.
TEST(TransformerSteps, AProbeSeesAndChangesTheCachedPathToo) {
  constexpr int32_t kVocab = 11;
  const RandomTranslator translator(kVocab, "pre", {{3, 4, 5, 2}, {6, 2}});
  const std::vector<Row> steps[] = {
      {{-1, kStart, 0}, {-1, kStart, 1}}, {{0, 4, 0}, {0, 7, 0}, {1, 5, 1}}, {{1, 3, 0}, {0, 9, 0}, {2, 6, 1}}};
  for (const char* attention : {"self_attention", "cross_attention"})
    for (const char* part : {"query", "key", "value", "output"}) {
      nn::Hooks half;
      half.at(fmt::format("decoder.layers.0.{}.{}", attention, part), [](const Tensor& value, const Rows&) {
        Tensor halved = keep(value);
        for (float& x : halved.span<float>()) x *= 0.5f;
        return halved;
      });
      TransformerSteps plain(translator.loaded.model, translator.pass(), translator.sources);
      TransformerSteps cached(translator.loaded.model, translator.pass(&half), translator.sources);
      TransformerSteps attentive(translator.loaded.model, translator.pass(&half), translator.sources);
      EXPECT_TRUE(attentive.keep_attention());
      WholePrefix whole(translator, &half);
      double changed = 0;
      for (const std::vector<Row>& rows : steps) {
        const auto a = cached.step(rows), b = whole.step(rows), c = plain.step(rows), d = attentive.step(rows);
        ASSERT_EQ(a.size(), b.size());
        for (size_t i = 0; i < a.size(); ++i)
          EXPECT_NEAR(d[i], a[i], 1e-5) << "what reads the attention passes the probe on";
        for (size_t i = 0; i < a.size(); ++i) {
          EXPECT_NEAR(a[i], b[i], 1e-4) << attention << " " << part;
          changed += std::abs(a[i] - c[i]);
        }
      }
      EXPECT_GT(changed, 1e-2) << attention << " " << part;
    }
}

TEST(TransformerSteps, TheAttentionKeptIsThatOfTheWholePrefix) {
  RandomStream random({4, 0, 0, 0});
  constexpr int32_t kVocab = 11;
  const RandomTranslator translator(kVocab, "pre", {{3, 4, 5, 2}, {6, 2}, {2}});
  TransformerSteps cached(translator.loaded.model, translator.pass(), translator.sources);
  WholePrefix whole(translator);
  ASSERT_TRUE(cached.keep_attention() && whole.keep_attention());
  std::vector<Row> rows = {{-1, kStart, 0}, {-1, kStart, 1}, {-1, kStart, 2}};
  for (int step = 0; step < 4 && !rows.empty(); ++step) {
    cached.step(rows);
    whole.step(rows);
    for (int64_t r = 0; r < std::ssize(rows); ++r) {
      const auto a = cached.attention(r), b = whole.attention(r);
      ASSERT_EQ(a.size(), translator.sources[static_cast<size_t>(rows[static_cast<size_t>(r)].sequence)].size());
      for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-5);
    }
    rows = random_rows(random, rows, kVocab);
  }
}

TEST(TransformerSteps, AWideBeamWithCoverageEqualsExhaustiveSearch) {
  constexpr int32_t kVocab = 5;
  const decode::BeamOptions plain = every_answer();
  decode::BeamOptions covering = plain;
  covering.coverage = 0.8;
  const RandomTranslator translator(kVocab, "post", {{3, 4, 3, 3, 2}});
  TransformerSteps steps(translator.loaded.model, translator.pass(), translator.sources);
  WholePrefix whole(translator);
  const auto uncovered = decode::beam_search(steps, plain)[0], found = decode::beam_search(steps, covering)[0];
  ASSERT_TRUE(whole.keep_attention());
  const auto all = decode::exhaustive_search(whole, covering);
  bool reordered = false;
  for (size_t i = 0; i < found.size(); ++i) {
    EXPECT_NEAR(found[i].score, all[i].score, 1e-4) << i;
    reordered |= found[i].tokens != uncovered[i].tokens;
  }
  EXPECT_TRUE(reordered);
}

TEST(TransformerSteps, AnotherSearchStartsAfresh) {
  constexpr int32_t kVocab = 11;
  const RandomTranslator translator(kVocab, "pre", {{3, 4, 5, 2}, {6, 2}});
  TransformerSteps used(translator.loaded.model, translator.pass(), translator.sources);
  TransformerSteps fresh(translator.loaded.model, translator.pass(), translator.sources);
  decode::BeamOptions options;
  options.start_token = kStart;
  options.end_token = kEnd;
  options.beam = 3;
  decode::beam_search(used, options);
  options.beam = 2;
  const auto again = decode::beam_search(used, options), once = decode::beam_search(fresh, options);
  for (size_t s = 0; s < once.size(); ++s) {
    EXPECT_EQ(again[s][0].tokens, once[s][0].tokens);
    EXPECT_EQ(again[s][0].log_probability, once[s][0].log_probability);
  }
}

}  // namespace
}  // namespace heddle::task
