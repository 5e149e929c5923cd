// `heddle train` from outside: what a run leaves, and what bad input is answered with.

#include <nlohmann/json.hpp>

#include "tests/app/program.h"

namespace heddle::app {
namespace {

constexpr int kBadInput = 2;

Finished train(const Folder& folder, const fs::path& recipe, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments = {"train", recipe.string(), "--out", (folder / "run").string()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run(folder, arguments);
}

// Exit code 2, one sentence that says `part`, and no folder.
void expect_refused(const Folder& folder, const Finished& ended, const std::string& part) {
  EXPECT_EQ(ended.code, kBadInput) << ended.err;
  EXPECT_NE(ended.err.find(part), std::string::npos) << ended.err;
  EXPECT_FALSE(fs::exists(folder / "run")) << part;
}

TEST(Train, ARunLeavesWhatItPromises) {
  const Folder folder;
  write_digits(folder);
  const Finished ended = train(folder, write_recipe(folder, "max_steps = 30\nvalidate_every = 10\nsave_every = 10\n"));
  ASSERT_EQ(ended.code, 0) << ended.err;
  for (const char* file : {"config.json", "config.toml", "model.safetensors", "tokenizer.json", "metrics.jsonl",
                           "validation.jsonl", "loss.svg"})
    EXPECT_TRUE(fs::exists(folder / "run" / file)) << file;
  std::ifstream lines(folder / "run" / "metrics.jsonl");
  nlohmann::json line, before;
  int count = 0;
  for (std::string text; std::getline(lines, text); ++count, before = line) {
    line = nlohmann::json::parse(text);
    for (const char* key : {"step", "seconds", "loss", "source_tokens", "target_tokens", "tokens_per_second",
                            "learning_rate", "grad_norm", "peak_rss_bytes"})
      EXPECT_TRUE(line[key].is_number()) << key;
    if (!before.is_null()) {
      EXPECT_GT(line["target_tokens"], before["target_tokens"]);
      EXPECT_GE(line["seconds"], before["seconds"]);
    }
  }
  EXPECT_EQ(count, 30);
  EXPECT_NE(ended.err.find("threads; SIMD"), std::string::npos) << ended.err;
  EXPECT_TRUE(ended.out.empty()) << "talk belongs to stderr";
  const Finished info = run(folder, {"info", (folder / "run").string(), "--cost", "9"});
  EXPECT_EQ(info.code, 0) << info.err;
  for (const char* part : {"cost          of one forward pass over 9 tokens on either side",
                           "encoder.layers.0.self_attention", "decoder.layers.0.cross_attention", "output", "total"})
    EXPECT_NE(info.out.find(part), std::string::npos) << part << "\n" << info.out;
  EXPECT_EQ(run(folder, {"info", (folder / "run").string(), "--cost", "0"}).code, kBadInput);
}

TEST(Train, AFolderThatHoldsARunIsRefusedByItsStep) {
  const Folder folder;
  write_digits(folder);
  const fs::path recipe = write_recipe(folder, "max_steps = 4\nsave_every = 2\n");
  ASSERT_EQ(train(folder, recipe).code, 0);
  const std::string weights = slurp(folder / "run" / "model.safetensors");
  const Finished refused = train(folder, recipe);
  EXPECT_EQ(refused.code, kBadInput);
  EXPECT_NE(refused.err.find("step 4"), std::string::npos) << refused.err;
  EXPECT_EQ(slurp(folder / "run" / "model.safetensors"), weights);
  // A finished run says so; more steps are another matter.
  const Finished finished = train(folder, recipe, {"--resume"});
  EXPECT_EQ(finished.code, 0);
  EXPECT_NE(finished.err.find("finished at step 4"), std::string::npos) << finished.err;
  const Finished longer = train(folder, recipe, {"--resume", "--set", "train.max_steps=6"});
  EXPECT_EQ(longer.code, 0);
  EXPECT_TRUE(fs::exists(folder / "run" / "checkpoints" / "step-000000006"));
  // Bad data must not cost the run that --overwrite would replace.
  const Finished bad = train(folder, recipe, {"--overwrite", "--set", "data.train_source=missing.txt"});
  EXPECT_EQ(bad.code, kBadInput) << bad.err;
  EXPECT_TRUE(fs::exists(folder / "run" / "checkpoints" / "step-000000006"));
  EXPECT_EQ(train(folder, recipe, {"--overwrite"}).code, 0);
  EXPECT_EQ(slurp(folder / "run" / "model.safetensors"), weights) << "the seed decides everything";
}

TEST(Train, ATokenizerOfAnyTypeIsTrained) {
  const Folder folder;
  write_digits(folder);
  const fs::path recipe = write_recipe(folder);
  for (const auto& [type, size] : std::vector<std::pair<std::string, std::string>>{
           {"char-bpe", "45"}, {"wordpiece", "65"}, {"unigram", "40"}, {"word", "24"}, {"char", "60"}}) {
    const Finished ended =
        train(folder, recipe,
              {"--dry-run", "--set", "tokenizer.type=" + type, "--set", "tokenizer.vocab_size=" + size, "--set",
               "tokenizer.sampling_temperature=3", "--set", "text.dropout=0.3"});
    EXPECT_EQ(ended.code, 0) << type << ": " << ended.err;
    EXPECT_NE(ended.err.find("one step: loss"), std::string::npos) << type << ": " << ended.err;
  }
}

// Words cut at random anew in every epoch do not depend on where a run was interrupted.
TEST(Train, SubwordRegularisationIsTheSameAfterAResume) {
  const auto trained = [](const std::vector<std::string>& more, const std::vector<const char*>& stops) {
    const Folder folder;
    write_digits(folder, 60);
    const fs::path recipe = write_recipe(folder, "save_every = 100\n");
    for (const char* steps : stops) {
      std::vector<std::string> arguments = {"--resume", "--set", std::string("train.max_steps=") + steps};
      arguments.insert(arguments.end(), more.begin(), more.end());
      const Finished ended = train(folder, recipe, arguments);
      EXPECT_EQ(ended.code, 0) << ended.err;
    }
    return slurp(folder / "run" / "checkpoints" / "step-000000040" / "model.safetensors");
  };
  const std::vector<std::string> dropout = {"--set", "text.dropout=0.2"};
  const std::string whole = trained(dropout, {"40"});
  EXPECT_EQ(whole, trained(dropout, {"9", "31", "40"}));
  EXPECT_NE(whole, trained({}, {"40"}));
}

TEST(Train, ADryRunWritesNothing) {
  const Folder folder;
  write_digits(folder);
  const Finished ended = train(folder, write_recipe(folder), {"--dry-run"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_FALSE(fs::exists(folder / "run"));
  for (const char* said : {"encoder.layers.0.self_attention.qkv.weight", "parameters", "memory", "one step: loss"})
    EXPECT_NE(ended.err.find(said), std::string::npos) << said << " in " << ended.err;
}

TEST(Train, BadRecipesAreSentences) {
  const Folder folder;
  write_digits(folder);
  const fs::path recipe = write_recipe(folder);
  const auto with = [&](const std::string& key_value) { return train(folder, recipe, {"--set", key_value}); };
  expect_refused(folder, with("model.heads=3"), "does not divide");
  expect_refused(folder, with("model.widht=16"), "width");
  expect_refused(folder, with("model.width=\"wide\""), "model.width");
  expect_refused(folder, with("model.dropout=1.5"), "dropout");
  expect_refused(folder, with("model.kind=decoder_only"), "encoder_decoder");
  expect_refused(folder, with("tokenizer.vocab_size=100000"), "vocab");
  expect_refused(folder, train(folder, folder / "none.toml"), "none.toml");
  write(folder / "broken.toml", "[model\nwidth = 3\n");
  expect_refused(folder, train(folder, folder / "broken.toml"), "broken.toml");
  write(folder / "unknown.toml", "[train]\nmax_stebs = 3\n");
  const Finished unknown = train(folder, folder / "unknown.toml");
  expect_refused(folder, unknown, "max_steps");
  EXPECT_NE(unknown.err.find("unknown.toml:2"), std::string::npos) << unknown.err;
}

TEST(Train, BadDataIsASentence) {
  const Folder folder;
  write_digits(folder);
  const fs::path recipe = write_recipe(folder);
  const auto with = [&](const std::string& source) {
    write(folder / "other.source", source);
    return train(folder, recipe, {"--set", "data.train_source=other.source"});
  };
  expect_refused(folder, with(""), "other.source");
  expect_refused(folder, with("only\nthree\nlines\n"), "240");
  expect_refused(folder,
                 with(std::string("\x7f"
                                  "ELF\0\0\0\1binary\0\0",
                                  16)),
                 "other.source");
  std::string empty_lines(240, '\n');
  expect_refused(folder, with(empty_lines), "empty side");
  write(folder / "other.source", "\n\n");
  write(folder / "other.target", "one\ntwo\n");
  expect_refused(
      folder,
      train(folder, recipe, {"--set", "data.valid_source=other.source", "--set", "data.valid_target=other.target"}),
      "no validation pair");
}

TEST(Train, AFolderThatCannotBeWrittenIsRefusedAtOnce) {
  const Folder folder;
  write_digits(folder);
  const fs::path recipe = write_recipe(folder);
  write(folder / "file", "in the way");
  const Finished ended = run(folder, {"train", recipe.string(), "--out", (folder / "file" / "run").string()});
  EXPECT_EQ(ended.code, kBadInput) << ended.err;
  EXPECT_NE(ended.err.find("is a file"), std::string::npos) << ended.err;
  if (geteuid() == 0) return;  // root writes anywhere
  fs::create_directory(folder / "locked");
  fs::permissions(folder / "locked", fs::perms::owner_read | fs::perms::owner_exec);
  const Finished locked = run(folder, {"train", recipe.string(), "--out", (folder / "locked" / "run").string()});
  EXPECT_EQ(locked.code, kBadInput) << locked.err;
}

// Writes beyond a size fail, as on a full disk: the old checkpoint stays, the exit code tells.
TEST(Train, AFullDiskKeepsTheOldCheckpoint) {
  const Folder folder;
  write_digits(folder);
  const fs::path recipe = write_recipe(folder, "max_steps = 4\nsave_every = 2\n");
  ASSERT_EQ(train(folder, recipe).code, 0);
  const std::string before = slurp(folder / "run" / "checkpoints" / "step-000000004" / "model.safetensors");
  ASSERT_GT(before.size(), 20000u);
  const Finished full = run(
      folder, {"train", recipe.string(), "--out", (folder / "run").string(), "--resume", "--set", "train.max_steps=8"},
      "", {.file_bytes = 20000});
  EXPECT_EQ(full.code, 1) << full.err;
  EXPECT_NE(full.err.find("warning"), std::string::npos) << full.err;
  EXPECT_EQ(slurp(folder / "run" / "checkpoints" / "step-000000004" / "model.safetensors"), before);
  EXPECT_FALSE(fs::exists(folder / "run" / "checkpoints" / "step-000000008"));
  const Finished later = run(
      folder, {"train", recipe.string(), "--out", (folder / "run").string(), "--resume", "--set", "train.max_steps=8"});
  EXPECT_EQ(later.code, 0) << later.err;
  EXPECT_TRUE(fs::exists(folder / "run" / "checkpoints" / "step-000000008"));
}

TEST(Train, EarlyStoppingEndsARunThatGetsNoBetter) {
  const Folder folder;
  write_digits(folder);
  const Finished ended = train(folder, write_recipe(folder, "max_steps = 1000\nvalidate_every = 2\npatience = 3\n"),
                               {"--set", "train.learning_rate=0"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_TRUE(fs::exists(folder / "run" / "checkpoints" / "step-000000008"))
      << "the first is the best, three more see no better";
}

}  // namespace
}  // namespace heddle::app
