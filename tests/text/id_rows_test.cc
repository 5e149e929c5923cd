// Rows are what encode() gives of each text, whatever they were before.

#include "heddle/text/id_rows.h"

#include <gtest/gtest.h>

#include <string>

#include "heddle/base/thread_loop.h"
#include "tests/places/places.h"

namespace heddle::text {
namespace {

TEST(IdRows, AreTheIdsOfEachText) {
  const int threads = thread_count();
  set_thread_count(2);
  const Tokenizer tokenizer = Tokenizer::load(source_path("tests/text/fixtures/pipelines/gpt2.json"));
  std::vector<std::string> texts;
  for (int i = 0; i < 100; ++i) texts.push_back(i % 9 == 0 ? "" : "Text " + std::to_string(i * i * i));
  std::string longer_than_a_block;
  for (int i = 0; i < 1'200'000; ++i) longer_than_a_block += "a ";
  texts.insert(texts.begin() + 50, longer_than_a_block);
  IdRows rows;
  const auto expect_rows_of = [&](std::span<const std::string> chosen) {
    encode_rows(tokenizer, std::vector<std::string_view>(chosen.begin(), chosen.end()), true, rows);
    ASSERT_EQ(rows.size(), chosen.size());
    for (size_t i = 0; i < rows.size(); ++i)
      EXPECT_EQ(std::vector(rows[i].begin(), rows[i].end()), tokenizer.encode(chosen[i])) << i;
  };
  expect_rows_of(std::span(texts).first(50));
  expect_rows_of(texts);
  expect_rows_of(std::span(texts).last(10));
  expect_rows_of({});
  expect_rows_of(texts);
  set_thread_count(threads);
}

}  // namespace
}  // namespace heddle::text
