// `heddle complete` as a filter over a small language model.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/app/program.h"

namespace heddle::app {
namespace {

// Of a text that counts round, with a third of its blocks' middles last.
struct Counter {
  Folder folder;
  std::string model;
  Counter() : model((folder / "run").string()) {
    std::string text;
    for (int i = 0; i < 400; ++i) text += "0123456789\n";
    write(folder / "text.txt", text);
    write(folder / "recipe.toml", R"(
task = "language_model"
[data]
train_text = "text.txt"
valid_text = "text.txt"
block = 24
infill = 0.3
[tokenizer]
type = "char"
[model]
kind = "decoder_only"
width = 32
decoder_layers = 1
heads = 2
ffn = 32
max_length = 40
dropout = 0.0
position = "rope"
[train]
max_steps = 150
batch_tokens = 500
learning_rate = 1e-2
warmup_steps = 10
label_smoothing = 0.0
validate_every = 150
)");
    const Finished ended =
        run(folder, {"train", (folder / "recipe.toml").string(), "--out", model, "--set", "data.dir=" + folder.text()});
    EXPECT_EQ(ended.code, 0) << ended.err;
  }
};

Finished complete(const std::string& input, const std::vector<std::string>& more) {
  static Counter counter;
  std::vector<std::string> arguments = {"complete", "--model", counter.model};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run(counter.folder, arguments, input);
}

TEST(Complete, GoesOnWithEveryLine) {
  const Finished ended = complete("123\n789\\n01\n", {"--tokens", "9", "--temperature", "0"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(ended.out, "456789\\n01\n23456789\\n\n");
  // Longer than the model reads: what stands last counts.
  EXPECT_EQ(complete(std::string(300, '7') + "345", {"--tokens", "4", "--temperature", "0"}).out, "6789\n");
}

TEST(Complete, TheSeedDecidesWhatIsDrawn) {
  const std::vector<std::string> how = {"--tokens", "12", "--temperature", "3", "--samples", "4", "--seed", "5"};
  const Finished once = complete("12\n12\n", how);
  EXPECT_EQ(std::ranges::count(once.out, '\n'), 8);
  EXPECT_EQ(once.out, complete("12\n12\n", how).out);
  const size_t half = once.out.find('\n', once.out.size() / 2);
  EXPECT_NE(once.out.substr(0, half), once.out.substr(half + 1)) << "each line draws for itself";
}

TEST(Complete, WritesWhatStandsBetween) {
  const std::vector<std::string> how = {"--infill", "--tokens", "8", "--temperature", "0", "--json"};
  const Finished ended = complete("12\t56\n12\t\n", how);
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(ended.out.find("{\"line\":1,\"text\":\""), 0u) << ended.out;
  EXPECT_NE(ended.out.find("\n{\"line\":2,\"text\":\""), std::string::npos) << "nothing may stand after";
  EXPECT_NE(ended.out, complete("12\t01\n12\t\n", how).out) << "what stands after counts";
}

TEST(Complete, SaysWhatIsWrong) {
  const auto refused = [&](const std::string& input, const std::vector<std::string>& how, const std::string& why) {
    const Finished ended = complete(input, how);
    EXPECT_EQ(ended.code, 2);
    EXPECT_NE(ended.err.find(why), std::string::npos) << ended.err;
  };
  refused("12 56\n", {"--infill"}, "line 1 of the input is not text<TAB>text");
  refused(std::string(60, '1') + "\t2\n", {"--infill"}, "shorten");
  refused("1\n", {"--temperature", "-1"}, "temperature");
  refused("1\n", {"--top-p", "2"}, "top_p");
  EXPECT_NE(complete("1\n", {"--tokens", "0"}).code, 0);
}

}  // namespace
}  // namespace heddle::app
