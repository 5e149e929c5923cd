// The formats as their programs write them, and what is said of damaged ones.

#include "heddle/text/word_vectors/vector_file.h"

#include <gtest/gtest.h>

#include <map>

#include "heddle/base/random.h"
#include "heddle/base/thread_loop.h"
#include "tests/base/sentence.h"
#include "tests/text/word_vectors/vector_files.h"

namespace heddle::text {
namespace {

std::vector<float> vector_of(const WordVectors& vectors, const std::string& word) {
  std::vector<float> values(static_cast<size_t>(vectors.width()));
  const int64_t row = vectors.find(word);
  if (row < 0) return {};
  vectors.copy(row, values);
  return values;
}

using Floats = std::vector<float>;

TEST(VectorFile, TextWithAndWithoutAHeader) {
  const TemporaryFolder folder;
  for (const std::string text : {"2 3\nder 1 -2.5 3e-2\nHaus 0 1 2\n",       // word2vec
                                 "2 3 \r\nder 1 -2.5 3e-2 \r\nHaus 0 1 2 ",  // fastText puts a space last
                                 "der 1 -2.5 3e-2\nHaus 0 1 2\n",            // GloVe
                                 "\xEF\xBB\xBF"
                                 "2 3\nder\t1\t-2.5\t3e-2\nHaus 0 1 2\n\n"}) {
    const WordVectors vectors = read_word_vectors(folder.write("v.txt", text));
    EXPECT_EQ(vectors.size(), 2) << text;
    EXPECT_EQ(vectors.width(), 3);
    EXPECT_FALSE(vectors.is_mapped());
    EXPECT_EQ(vectors.word(1), "Haus");
    EXPECT_EQ(vector_of(vectors, "der"), (Floats{1, -2.5F, 0.03F}));
    EXPECT_EQ(vector_of(vectors, "Haus"), (Floats{0, 1, 2}));
    EXPECT_EQ(vectors.find("haus"), -1);
  }
}

TEST(VectorFile, BinaryWithAndWithoutLineEnds) {
  const TemporaryFolder folder;
  const Entries entries = {{"</s>", {1, 2}}, {"größe", {-0.5F, 1e-30F}}, {"\xFF", {0, 3}}};
  for (const std::string after : {"", "\n"})
    for (const VectorFormat format : {VectorFormat::guess, VectorFormat::binary}) {
      const WordVectors vectors = read_word_vectors(folder.write("v.bin", as_binary(entries, after)), format);
      ASSERT_EQ(vectors.size(), 3);
      EXPECT_TRUE(vectors.is_mapped());
      for (const auto& [word, values] : entries) EXPECT_EQ(vector_of(vectors, word), values);
    }
}

TEST(VectorFile, WordsMayHoldSpacesAsInGloVe) {
  const TemporaryFolder folder;
  const WordVectors vectors = read_word_vectors(folder.write("v.txt", "the 1 2\n. . . 3 4\n5 5 6\nat me@x.org 7 8\n"));
  EXPECT_EQ(vector_of(vectors, ". . ."), (Floats{3, 4}));
  EXPECT_EQ(vector_of(vectors, "5"), (Floats{5, 6}));
  EXPECT_EQ(vector_of(vectors, "at me@x.org"), (Floats{7, 8}));
}

TEST(VectorFile, OfEqualWordsTheFirstCounts) {
  const TemporaryFolder folder;
  for (const std::string& text :
       {std::string("a 1\nb 2\na 3\nc 4\n"), as_binary({{"a", {1}}, {"b", {2}}, {"a", {3}}, {"c", {4}}}, "")}) {
    const WordVectors vectors = read_word_vectors(folder.write("v", text));
    EXPECT_EQ(vectors.size(), 3);
    EXPECT_EQ(vectors.repeated(), 1);
    EXPECT_EQ(vector_of(vectors, "a"), Floats{1});
    EXPECT_EQ(vector_of(vectors, "c"), Floats{4});
  }
}

TEST(VectorFile, TinyNumbersBecomeTheNearest) {
  const TemporaryFolder folder;
  const WordVectors vectors = read_word_vectors(folder.write("v", "a 1e-60 -1e-42\n"));
  EXPECT_EQ(vector_of(vectors, "a"), (Floats{0, -1e-42F}));
}

// Random words and values survive every format, at any thread count.
TEST(VectorFile, FormatsAgreeAtAnyThreadCount) {
  const TemporaryFolder folder;
  RandomStream random(RandomKey{.seed = 3});
  std::map<std::string, Floats> made;
  while (made.size() < 2000) {
    std::string word;
    for (uint64_t i = 0; i <= random.below(4); ++i) word += static_cast<char>('a' + random.below(26));
    made[word] = {static_cast<float>(random.normal()), static_cast<float>(random.normal())};
  }
  std::string glove;
  for (const auto& [word, values] : made) glove += fmt::format("{} {} {}\n", word, values[0], values[1]);
  const auto text_file = folder.write("v.txt", glove);
  const auto binary_file = folder.write("v.bin", as_binary({made.begin(), made.end()}, "\n"));
  const int threads = thread_count();
  for (const int count : {1, 2, 5}) {
    set_thread_count(count);
    const WordVectors text = read_word_vectors(text_file), binary = read_word_vectors(binary_file);
    for (const auto& [word, values] : made) {
      ASSERT_EQ(vector_of(text, word), values) << word;
      ASSERT_EQ(vector_of(binary, word), values) << word;
    }
    EXPECT_EQ(text.find("A"), -1);
  }
  set_thread_count(threads);
}

struct Damaged {
  std::string bytes, sentence;
};

TEST(VectorFile, DamagedTextIsASentenceWithItsLine) {
  const TemporaryFolder folder;
  const std::vector<Damaged> cases = {
      {"", "is empty"},
      {"\n\n", ":1: the first line has no numbers"},
      {"word\n", ":1: the first line has no numbers"},
      {"0 5\n", "promises 0 words"},
      {"5 0\nx\n", "with 0 values"},
      {"2 2\na 1 2\n", "promises 2 words with 2 values each, which cannot stand"},
      {"3 2\naaaaaaaaaaa 1 2\nb 1 2\n", ":1: the first line promises 3 words, but 2 lines follow"},
      {"1 2\na 1 2\nb 3 4\n", "promises 1 words, but 2 lines"},
      {"99999999999999999999 300\na 1 2\n", "cannot stand in the 6 bytes"},
      {"1 9223372036854775807\na 1 2\n", "cannot stand in the 6 bytes"},
      {"4611686018427387904 4\na 1 2 3 4\n", "cannot stand"},
      {"a 1 2\nb 1\n", ":2: the line has 2 fields"},
      {"a 1 2\nb 1 2 3\n", ":2: the line has 4 fields; expected a word and 2 numbers"},
      {"a 1 2\nb 1 x\n", ":2: the line has \"x\" as value 2"},
      {"a 1 2\n\nb 1 2\n", ":2: the line is empty"},
      {"a 1 2\n 1 2 3\n", ":2: the line begins with a blank"},
      {"a 1 2\nb nan 2\n", ":2: the line has \"nan\" as value 1, which is no finite"},
      {"a 1 2\nb 1 -inf\n", "\"-inf\" as value 2, which is no finite"},
      {"a 1 2\nb 1 1e99\n", "\"1e99\" as value 2, which is no finite"},
      {std::string("a 1 2\nb\0c 1 2\n", 14), ":2: the line holds a NUL byte"},
      {"\x1F\x8B\x08", "is compressed"},
      {"\xBA\x16\x4F\x2F\x0C", "fastText model"},
  };
  for (const Damaged& damaged : cases) {
    const auto file = folder.write("v.txt", damaged.bytes);
    const std::string sentence = sentence_of([&] { read_word_vectors(file); });
    EXPECT_TRUE(contains(sentence, damaged.sentence)) << damaged.bytes;
    EXPECT_TRUE(contains(sentence, file.string()));
  }
}

// Whichever thread meets a problem first, the first line with one is named.
TEST(VectorFile, TheFirstProblemIsNamedAtAnyThreadCount) {
  const TemporaryFolder folder;
  std::string text;
  for (int i = 1; i <= 4000; ++i) text += fmt::format("w{} {} {}\n", i, i, i % 1000 == 700 ? "bad" : "1");
  const auto file = folder.write("v.txt", text);
  const int threads = thread_count();
  for (const int count : {1, 4}) {
    set_thread_count(count);
    EXPECT_TRUE(contains(sentence_of([&] { read_word_vectors(file); }), ":700: the line has \"bad\""));
  }
  set_thread_count(threads);
}

TEST(VectorFile, DamagedBinaryIsASentenceWithItsByte) {
  const TemporaryFolder folder;
  const std::string whole = as_binary({{"aa", {1, 2}}, {"bb", {3, 4}}}, "");  // "2 2\n", then 11 bytes a word
  const std::string nan = as_binary({{"aa", {1, 2}}, {"bb", {3, NAN}}}, "");
  std::string promises_more = whole, nul = whole, line_end = whole, empty_word = whole;
  promises_more[0] = '1';
  nul[16] = '\0';
  line_end[16] = '\n';
  empty_word[15] = ' ';
  const std::vector<Damaged> cases = {
      {whole.substr(0, 20), "promises 2 words with 2 values each, which cannot stand"},
      {as_binary({{"aaaaaaaaaaaa", {1, 2}}, {"bb", {3, 4}}}, "").substr(0, 30),
       "ends at byte 30, within word 2 of the 2"},
      {nan, "value 2 of \"bb\" at byte 22 is not finite"},
      {promises_more, "more follows at byte 15"},
      {nul, "word 2 holds a NUL byte at byte 16"},
      {line_end, "word 2 holds a line end at byte 16"},
      {empty_word, "word 2 at byte 15 is empty"},
      {"no header\n", "begins with the line \"COUNT WIDTH\""},
  };
  for (const Damaged& damaged : cases) {
    const auto file = folder.write("v.bin", damaged.bytes);
    EXPECT_TRUE(contains(sentence_of([&] { read_word_vectors(file, VectorFormat::binary); }), damaged.sentence));
  }
  EXPECT_TRUE(contains(sentence_of([&] { read_word_vectors(folder.path() / "none"); }), "cannot open"));
  EXPECT_TRUE(contains(sentence_of([&] { read_word_vectors(folder.path()); }), "no regular file"));
}

// Every cut of a file is refused, or was no loss.
TEST(VectorFile, NoCutIsTakenForTheWhole) {
  const TemporaryFolder folder;
  const std::string binary = as_binary({{"aa", {1, 2}}, {"b", {3, 4}}, {"ccc", {5, 6}}}, "\n");
  for (size_t cut = 0; cut + 1 < binary.size(); ++cut)
    EXPECT_THROW(read_word_vectors(folder.write("v", binary.substr(0, cut)), VectorFormat::binary), InputError) << cut;
}

}  // namespace
}  // namespace heddle::text
