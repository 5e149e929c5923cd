// Language models from outside: `heddle inspect` on one of texts and one of questions, `heddle eval` of a folder whose
// parts do not belong together, and token vectors from a file that is gone afterwards.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/app/program.h"

namespace heddle::app {
namespace {

// A moment of training on lines of digits, or on questions about them.
std::string recipe(bool asks, const std::string& embedding = "") {
  const std::string data = asks ? "train_source = \"asked\"\ntrain_target = \"said\"\nvalid_source = \"asked\"\n"
                                  "valid_target = \"said\"\n"
                                : "train_text = \"text\"\nvalid_text = \"text\"\nblock = 24\n";
  return "task = \"language_model\"\n[data]\n" + data + R"(
[tokenizer]
type = "char"
[model]
kind = "decoder_only"
width = 16
decoder_layers = 2
heads = 2
ffn = 24
max_length = 32
dropout = 0.0
)" + embedding +
         R"(
[train]
max_steps = 4
batch_tokens = 200
warmup_steps = 2
attention_every = 2
attention_sentences = 2
)";
}

class LanguageModelCommand : public testing::Test {
 protected:
  LanguageModelCommand() {
    std::string text, asked, said;
    for (int i = 0; i < 60; ++i) {
      const std::string line = std::to_string(i * 7919 % 100000);
      text += line + "\n";
      asked += line + "\n";
      said += line.substr(0, 1) + "\n";
    }
    write(folder_ / "text", text);
    write(folder_ / "asked", asked);
    write(folder_ / "said", said);
  }
  std::string trained(const std::string& name, const std::string& of) {
    write(folder_ / (name + ".toml"), of);
    const Finished ended = run(folder_, {"train", (folder_ / (name + ".toml")).string(), "--out",
                                         (folder_ / name).string(), "--set", "data.dir=" + folder_.text()});
    EXPECT_EQ(ended.code, 0) << ended.err;
    return (folder_ / name).string();
  }
  void expect_all_reports(const std::string& model, const std::string& input) {
    for (const std::string name : {"attention", "heads", "neurons", "layers", "influence", "params"}) {
      SCOPED_TRACE(name);
      const Finished text = run(folder_, {"inspect", name, "--model", model}, input);
      ASSERT_EQ(text.code, 0) << text.err;
      EXPECT_EQ(text.out.find("encoder"), std::string::npos) << text.out;
      const Finished json = run(folder_, {"inspect", name, "--json", "--model", model}, input);
      ASSERT_EQ(json.code, 0) << json.err;
      EXPECT_TRUE(json.out.starts_with("{\"title\":") && json.out.ends_with("}\n"));
    }
  }
  Folder folder_;
};

// Whole texts and questions alike, and several recipes at once.
TEST_F(LanguageModelCommand, ItsDataAreChecked) {
  const auto with_folder = [&](const std::string& name, std::string of) {
    of.insert(of.find("[data]\n") + 7, "dir = \"" + folder_.text() + "\"\n");
    write(folder_ / name, of);
    return (folder_ / name).string();
  };
  const Finished ended =
      run(folder_, {"data", "check", with_folder("texts.toml", recipe(false)), with_folder("asks.toml", recipe(true))});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_NE(ended.out.find("texts.toml"), std::string::npos) << ended.out;
  EXPECT_NE(ended.out.find("asks.toml"), std::string::npos) << ended.out;
  EXPECT_NE(ended.out.find("60 rows"), std::string::npos) << ended.out;
}

TEST_F(LanguageModelCommand, OfTextsIsInspected) {
  const std::string model = trained("texts", recipe(false));
  expect_all_reports(model, "1234\n9\n\n1 2\t3\n");
  const Finished influence =
      run(folder_, {"inspect", "influence", "--model", model, "--method", "integrated"}, "1234\n");
  EXPECT_NE(influence.out.find("with the last self-attention"), std::string::npos) << influence.out;
  EXPECT_EQ(std::ranges::count(influence.out, '\n'), 3 + 4) << influence.out;
  const std::string file = (folder_ / "text").string();
  const Finished gradient = run(folder_, {"inspect", "params", "--model", model, "--source", file});
  EXPECT_NE(gradient.out.find("gradient norm"), std::string::npos) << gradient.err;
  const Finished answers = run(folder_, {"inspect", "heads", "--model", model, "--source", file, "--reference", file});
  EXPECT_EQ(answers.code, 2);
  EXPECT_NE(answers.err.find("learned texts without questions"), std::string::npos) << answers.err;
  const Finished snapshots = run(folder_, {"inspect", "attention", "--snapshots", "--model", model});
  EXPECT_EQ(snapshots.code, 0) << snapshots.err;
  EXPECT_NE(snapshots.out.find("decoder.layers.1.self_attention"), std::string::npos) << snapshots.out;
}

TEST_F(LanguageModelCommand, OfQuestionsIsInspectedWhereItIsAsked) {
  const std::string model = trained("questions", recipe(true));
  expect_all_reports(model, "1234\n9\t9\n");
  const Finished influence = run(folder_, {"inspect", "influence", "--model", model}, "1234\t12\n");
  EXPECT_EQ(std::ranges::count(influence.out, '\n'), 3 + 3) << influence.out;  // 1, 2 and the end
  const Finished too_long = run(folder_, {"inspect", "heads", "--model", model}, std::string(40, '1') + "\t1\n");
  EXPECT_EQ(too_long.code, 2);
  EXPECT_NE(too_long.err.find("leaves no token to be asked for"), std::string::npos) << too_long.err;
}

TEST_F(LanguageModelCommand, IsNotScoredWithTheTokenizerOfAnother) {
  const std::string model = trained("texts", recipe(false));
  write(folder_ / "text", "the quick brown fox jumps over the lazy dog 0123456789, again and again\n");
  const std::string other = trained("other", recipe(false));
  fs::copy_file(fs::path(other) / "tokenizer.json", fs::path(model) / "tokenizer.json",
                fs::copy_options::overwrite_existing);
  const Finished ended = run(folder_, {"eval", "--model", model, "--text", (folder_ / "text").string()});
  EXPECT_EQ(ended.code, 2) << ended.out;
  EXPECT_NE(ended.err.find("do not belong together"), std::string::npos) << ended.err;
}

TEST_F(LanguageModelCommand, KeepsTheVectorsAndTextsOfItsTokens) {
  std::string vectors = "11 3\n";
  for (int i = 0; i < 10; ++i) vectors += std::to_string(i) + fmt::format(" 0.{} {} 0.5\n", i, i);
  const fs::path file = folder_ / "words.vec";
  write(file, vectors + "x 1 1 1\n");
  const std::string embedding = fmt::format(R"(tie_embeddings = false
[model.embedding]
kind = "characters"
characters = 4
[[model.embedding.beside]]
kind = "vectors"
rank = 3
file = "{}"
)",
                                            file.string());
  const std::string model = trained("sources", recipe(false, embedding));
  const std::vector<std::string> score = {"eval", "--json", "--model", model, "--text", (folder_ / "text").string()};
  const Finished before = run(folder_, score);
  ASSERT_EQ(before.code, 0) << before.err;
  fs::remove(file);
  EXPECT_EQ(run(folder_, score).out, before.out);
  const Finished gone = run(folder_, {"train", (folder_ / "sources.toml").string(), "--out",
                                      (folder_ / "again").string(), "--set", "data.dir=" + folder_.text()});
  EXPECT_EQ(gone.code, 2) << gone.err;
  EXPECT_NE(gone.err.find("words.vec"), std::string::npos) << gone.err;
}

}  // namespace
}  // namespace heddle::app
