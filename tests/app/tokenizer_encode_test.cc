// heddle tokenizer encode and decode, as filters of lines.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/app/program.h"

namespace heddle::app {
namespace {

std::string trained(const Folder& folder, const std::string& size = "300") {
  const std::string file = (folder / ("tokenizer" + size + ".json")).string();
  std::string text;
  for (int i = 0; i < 50; ++i) text += "the weaver weaves the warp and the weft\nder Weber webt größere Tücher\n";
  write(folder / "corpus.txt", text);
  EXPECT_EQ(
      run(folder, {"tokenizer", "train", "--vocab-size", size, "--out", file, (folder / "corpus.txt").string()}).code,
      0);
  return file;
}

TEST(TokenizerEncode, LinesComeBack) {
  const Folder folder;
  const std::string file = trained(folder);
  const std::string text = std::string("the warp\nTücher,  0\t1\n\n \nend\0of\n", 34) + "no end of line";
  const Finished ids = run(folder, {"tokenizer", "encode", "--tokenizer", file}, text);
  ASSERT_EQ(ids.code, 0) << ids.err;
  EXPECT_EQ(std::ranges::count(ids.out, '\n'), 6);
  const Finished back = run(folder, {"tokenizer", "decode", "--tokenizer", file}, ids.out);
  EXPECT_EQ(back.out, text + "\n");
  const Finished crlf =
      run(folder, {"tokenizer", "encode", "--tokenizer", file}, "\xEF\xBB\xBFthe warp\r\nTücher,  0\t1\r\n");
  EXPECT_EQ(crlf.out, ids.out.substr(0, crlf.out.size()));
}

TEST(TokenizerEncode, AnyNumberOfThreadsSaysTheSame) {
  const Folder folder;
  const std::string file = trained(folder);
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "the weaver " + std::to_string(i * 7919) + " Weber\n";
  std::string one;
  for (const char* threads : {"1", "2", "5"}) {
    const Finished found = run(folder, {"tokenizer", "encode", "--tokenizer", file, "--threads", threads}, text);
    ASSERT_EQ(found.code, 0) << found.err;
    if (one.empty()) one = found.out;
    EXPECT_EQ(found.out, one);
  }
  EXPECT_EQ(std::ranges::count(one, '\n'), 5000);
}

TEST(TokenizerEncode, SeveralGranularities) {
  const Folder folder;
  const std::string coarse = trained(folder, "300"), fine = trained(folder, "270");
  const Finished both =
      run(folder, {"tokenizer", "encode", "--tokenizer", coarse, "--tokenizer", fine, "--json"}, "the weaver\n");
  ASSERT_EQ(both.code, 0) << both.err;
  const auto json = nlohmann::json::parse(both.out);
  EXPECT_LT(json["ids"][0].size(), json["ids"][1].size());
  EXPECT_EQ(json["spans"][0][1].size(), json["ids"][0].size());
  EXPECT_EQ(run(folder, {"tokenizer", "encode", "--tokenizer", coarse, "--tokenizer", fine}, "a\n").code, 2);
}

TEST(TokenizerEncode, WhatIsWrongIsASentenceWithItsLine) {
  const Folder folder;
  const std::string file = trained(folder);
  const Finished pair = run(folder, {"tokenizer", "encode", "--tokenizer", file, "--pair"}, "a\tb\na b\n");
  EXPECT_EQ(pair.code, 2);
  EXPECT_EQ(pair.err, "heddle: line 2: there is no tab; expected two texts with a tab between\n");
  EXPECT_EQ(std::ranges::count(pair.out, '\n'), 1);
  const Finished id = run(folder, {"tokenizer", "decode", "--tokenizer", file}, "5 6\n7 x\n");
  EXPECT_EQ(id.code, 2);
  EXPECT_EQ(id.err, "heddle: line 2: \"x\" is no token id; expected numbers with spaces between\n");
  EXPECT_EQ(run(folder, {"tokenizer", "encode", "--tokenizer", file, "--characters"}, "a\n").code, 2);
}

}  // namespace
}  // namespace heddle::app
