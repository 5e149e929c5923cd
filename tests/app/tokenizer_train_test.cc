// `heddle tokenizer train` and `extend` from outside.

#include "tests/app/program.h"

namespace heddle::app {
namespace {

constexpr int kBadInput = 2;

std::string text() {
  std::string lines;
  for (int i = 0; i < 60; ++i) lines += "The weaver's loom " + std::to_string(i % 7) + " weaves the warp.\n";
  return lines;
}

Finished tokenizer(const Folder& folder, const std::string& command, std::vector<std::string> more) {
  more.insert(more.begin(), {"tokenizer", command});
  return run(folder, more);
}

Finished train(const Folder& folder, const std::string& type, const std::string& size, std::vector<std::string> more) {
  more.insert(more.begin(), {"--type", type, "--vocab-size", size, (folder / "text.txt").string()});
  return tokenizer(folder, "train", more);
}

TEST(TokenizerTrain, EveryTypeFromTheCommandLine) {
  const Folder folder;
  write(folder / "text.txt", text());
  for (const char* type : {"bpe", "char-bpe", "wordpiece", "unigram", "word", "char"}) {
    const std::string out = (folder / (std::string(type) + ".json")).string(), again = (folder / "again.json").string();
    const std::string size = type == std::string("bpe") ? "290" : "60";
    const Finished ended = train(folder, type, size, {"--out", out, "--threads", "1"});
    ASSERT_EQ(ended.code, 0) << ended.err;
    ASSERT_EQ(train(folder, type, size, {"--out", again, "--threads", "3"}).code, 0);
    EXPECT_EQ(slurp(out), slurp(again)) << type;
    const Finished ids = run(folder, {"tokenizer", "encode", "--tokenizer", out}, "The weaver weaves.\n");
    EXPECT_EQ(ids.code, 0) << ids.err;
    const Finished back = run(folder, {"tokenizer", "decode", "--tokenizer", out}, ids.out);
    if (type != std::string("word")) {
      EXPECT_EQ(back.out, "The weaver weaves.\n");
    }
  }
}

TEST(TokenizerTrain, OptionsReachTheTrainer) {
  const Folder folder;
  write(folder / "text.txt", text());
  write(folder / "words.txt", "warp\nloom\n");
  const std::string out = (folder / "t.json").string();
  const Finished ended = train(folder, "bpe", "300",
                               {"--case-marks", "--split", "digits", "--split", "whitespace", "--protect", "weaver",
                                "--protect-from", (folder / "words.txt").string(), "--special-token", "<unk>",
                                "--special-token", "<end>", "--normalize", "nfc", "--out", out});
  ASSERT_EQ(ended.code, 0) << ended.err;
  const std::string json = slurp(out);
  for (const char* part : {"HeddleCaseMarks", "Digits", "WhitespaceSplit", "\"weaver\"", "\"warp\"", "<end>", "NFC"})
    EXPECT_NE(json.find(part), std::string::npos) << part;
  EXPECT_EQ(train(folder, "nonsense", "300", {"--out", out}).code, kBadInput);
  const Finished small = train(folder, "bpe", "20", {"--out", (folder / "none.json").string()});
  EXPECT_EQ(small.code, kBadInput);
  EXPECT_NE(small.err.find("at least 260"), std::string::npos) << small.err;
  EXPECT_FALSE(fs::exists(folder / "none.json"));
}

TEST(TokenizerTrain, ASmallerLanguageCountsMoreWhenItIsHotter) {
  const Folder folder;
  write(folder / "text.txt", text() + text() + text() + text());
  write(folder / "other.txt", "zyx zyxw zyxwv qqq\n");
  const auto has_zyx = [&](const char* temperature) {
    const std::string out = (folder / "t.json").string();
    const Finished ended = tokenizer(folder, "train",
                                     {"--vocab-size", "275", "--sampling-temperature", temperature, "--out", out,
                                      (folder / "text.txt").string(), (folder / "other.txt").string()});
    EXPECT_EQ(ended.code, 0) << ended.err;
    return slurp(out).find("\"zyx\"") != std::string::npos;
  };
  EXPECT_FALSE(has_zyx("1"));
  EXPECT_TRUE(has_zyx("100"));
}

TEST(TokenizerExtend, AModelGrowsWithItsTokenizer) {
  const Folder folder;
  write_digits(folder);
  write(folder / "more.txt", text());
  const fs::path recipe = write_recipe(folder, "max_steps = 4\nsave_every = 4\nvalidate_every = 4\n");
  ASSERT_EQ(run(folder, {"train", recipe.string(), "--out", (folder / "run").string()}).code, 0);
  const std::string old = (folder / "run").string(), grown = (folder / "grown").string();
  const Finished ended =
      tokenizer(folder, "extend",
                {"--model", old, "--word", "eleven", "--more", "6", "--out", grown, (folder / "more.txt").string()});
  ASSERT_EQ(ended.code, 0) << ended.err;
  EXPECT_NE(ended.err.find("280 tokens became 287"), std::string::npos) << ended.err;
  const Finished translated = run(folder, {"translate", "--model", grown}, "1 2 3\n");
  EXPECT_EQ(translated.code, 0) << translated.err;
  EXPECT_EQ(std::distance(fs::directory_iterator(grown), fs::directory_iterator()), 3);
  const Finished refused = tokenizer(folder, "extend", {"--model", old, "--word", "twelve", "--out", grown});
  EXPECT_EQ(refused.code, kBadInput);
  EXPECT_NE(refused.err.find("there already"), std::string::npos) << refused.err;
  EXPECT_EQ(tokenizer(folder, "extend", {"--model", old, "--out", (folder / "x").string()}).code, kBadInput);
}

}  // namespace
}  // namespace heddle::app
