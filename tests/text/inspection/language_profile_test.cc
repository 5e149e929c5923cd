// The figures of a text of a few words, counted by hand, and that they do not depend on blocks and threads.

#include "heddle/text/inspection/language_profile.h"

#include <gtest/gtest.h>

#include "heddle/base/thread_loop.h"
#include "heddle/text/inspection/inspection_report.h"
#include "heddle/text/inspection/token_strip.h"
#include "heddle/text/models/bpe.h"
#include "tests/text/inspection/small_tokenizers.h"
#include "tests/text/trained_tokenizer.h"

namespace heddle::text {
namespace {

using Pieces = std::vector<std::string>;

TEST(LanguageProfile, CountsOfAFewWords) {
  const Tokenizer tokenizer = small_word_piece();
  LanguageProfiler profiler(tokenizer);
  profiler.add("the dogs. the runner");  // the | dog ##s | . | the | run ##ner
  profiler.add("a dog, dogs\xFF");       // [UNK] | dog | [UNK] | [UNK] of "dogs\uFFFD"
  const LanguageProfile p = profiler.take("en");
  EXPECT_EQ(p.name, "en");
  EXPECT_EQ(p.texts, 2);
  EXPECT_EQ(p.bytes, 20 + 14);
  EXPECT_EQ(p.characters, 20 + 12);
  EXPECT_EQ(p.words, 7);
  EXPECT_EQ(p.tokens, 11);
  EXPECT_EQ(p.unknown_tokens, 3);
  EXPECT_EQ(p.whole_words, 3);  // the, the, dog
  EXPECT_EQ(p.distinct_words, 6);
  EXPECT_EQ(p.distinct_whole_words, 2);
  EXPECT_EQ(p.distinct_tokens, 7);
  EXPECT_EQ(p.shown, 17 + 10);
  EXPECT_EQ(p.covered, 17 + 3);
  EXPECT_EQ(p.words_by_tokens, (std::vector<int64_t>{0, 5, 2, 0, 0, 0, 0, 0, 0}));
  EXPECT_DOUBLE_EQ(p.fertility(), 11.0 / 7);
  EXPECT_DOUBLE_EQ(p.unknown_rate(), 3.0 / 11);
  EXPECT_DOUBLE_EQ(p.coverage(), 20.0 / 27);
  EXPECT_DOUBLE_EQ(p.out_of_vocabulary(), 4.0 / 7);
  ASSERT_EQ(p.worst.size(), 2u);
  EXPECT_EQ(p.worst[0].pieces, (Pieces{"dog", "s"}));
  EXPECT_EQ(p.worst[1].pieces, (Pieces{"run", "ner"}));
  EXPECT_EQ(p.word_growth.points().back().distinct, 6);
  EXPECT_EQ(p.token_growth.points().back().distinct, 7);
  EXPECT_EQ(profiler.take("none").words, 0) << "each language starts anew";
}

TEST(LanguageProfile, WorstAndCostliestWords) {
  const Tokenizer tokenizer = word_piece({"[UNK]", "a", "##b", "##c", "xy", "##z"});
  LanguageProfiler profiler(tokenizer, {.words_shown = 2});
  for (int i = 0; i < 5; ++i) profiler.add("xyz a xy");
  profiler.add("abcb abc");
  const LanguageProfile p = profiler.take("");
  ASSERT_EQ(p.worst.size(), 2u);
  EXPECT_EQ(p.worst[0].pieces, (Pieces{"a", "b", "c", "b"}));
  EXPECT_EQ(p.worst[0].tokens, 4);
  ASSERT_EQ(p.costliest.size(), 2u);
  EXPECT_EQ(p.costliest[0].pieces, (Pieces{"xy", "z"}));
  EXPECT_EQ(p.costliest[0].extra_tokens(), 5);
}

TEST(LanguageProfile, BytesOfUnknownCharactersAreCounted) {
  BpeOptions options;
  options.unk_token = "<unk>";
  options.byte_fallback = true;
  TokenizerParts parts;
  parts.model = std::make_shared<Bpe>(Vocabulary(std::vector<std::string>{"<unk>", "a", "<0xC3>", "<0xA9>"}),
                                      std::vector<std::pair<int32_t, int32_t>>(), options);
  const Tokenizer tokenizer(std::move(parts));
  LanguageProfiler profiler(tokenizer);
  profiler.add("a\u00e9\u00e8");
  const LanguageProfile p = profiler.take("");
  EXPECT_EQ(p.byte_tokens, 2);
  EXPECT_EQ(p.unknown_tokens, 1);
  EXPECT_EQ(p.covered, 2);
}

TEST(LanguageProfile, SaysTheSameAtAnyThreadCount) {
  const Tokenizer tokenizer = trained_tokenizer();
  std::string first;
  const int before = thread_count();
  for (const int threads : {1, 3}) {
    set_thread_count(threads);
    LanguageProfiler profiler(tokenizer);
    for (int i = 0; i < 3000; ++i)
      profiler.add("the weaver weaves " + std::to_string(i * 7919) + " 織機 " +
                   std::string(600, static_cast<char>('a' + i % 3)));
    const std::string report = inspection_as_json({"t", tokenizer.vocab_size(), {profiler.take("x")}, {}});
    if (first.empty()) first = report;
    EXPECT_EQ(report, first);
  }
  set_thread_count(before);
}

TEST(LanguageProfile, AFullTableCountsOn) {
  const Tokenizer tokenizer = small_word_piece();
  LanguageProfiler profiler(tokenizer, {.most_words = 2});
  profiler.add("the dog cats the runner");
  const LanguageProfile p = profiler.take("");
  EXPECT_EQ(p.words, 5);
  EXPECT_EQ(p.distinct_words, 2);
  EXPECT_EQ(p.words_not_listed, 2);
}

TEST(LanguageProfile, ReadsAllOfATextThatTheTokenizerWouldCut) {
  TokenizerParts parts = small_word_piece().parts();
  parts.truncation = Truncation{.max_length = 2, .strategy = {}};
  parts.padding.emplace().fixed = 9;
  const Tokenizer tokenizer = unbounded(Tokenizer(std::move(parts)));
  EXPECT_EQ(tokenizer.encode("the dog the dog"), (std::vector<int32_t>{5, 1, 5, 1}));
}

TEST(TokenStrip, TokensWithIdsAndBytes) {
  const auto cells = token_strip(trained_tokenizer(), "warp");
  ASSERT_EQ(cells.size(), trained_tokenizer().encode("warp").size());
  EXPECT_TRUE(cells[0].below[1].starts_with("0–"));
  EXPECT_EQ(cells.back().text, "</s>");
  EXPECT_EQ(cells.back().below, (std::vector<std::string>{"2", "–"}));
}

}  // namespace
}  // namespace heddle::text
