// `heddle tokenizer convert` from outside, and what is made of other programs' files.

#include "tests/app/program.h"
#include "tests/places/places.h"

namespace heddle::app {
namespace {

fs::path fixture(const std::string& name) { return source_path("tests/text/fixtures/formats") / name; }

TEST(TokenizerConvert, ATranslationTrainsOnASentencePieceModelThatEndsItsTexts) {
  const Folder folder;
  write_digits(folder);
  const fs::path recipe = write_recipe(folder, "max_steps = 2\n");
  const auto train = [&](const fs::path& tokenizer) {
    return run(folder, {"train", recipe.string(), "--out", (folder / "run").string(), "--overwrite", "--set",
                        "tokenizer.file=" + tokenizer.string()});
  };
  const Finished refused = train(fixture("bpe_bytes.model"));
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("puts no </s> after a text"), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("heddle tokenizer convert "), std::string::npos) << refused.err;
  const fs::path converted = folder / "converted.json";
  ASSERT_EQ(run(folder, {"tokenizer", "convert", fixture("bpe_bytes.model").string(), "--end", "</s>", "--out",
                         converted.string()})
                .code,
            0);
  const Finished trained = train(converted);
  EXPECT_EQ(trained.code, 0) << trained.err;
  EXPECT_EQ(slurp(folder / "run" / "tokenizer.json"), slurp(converted));
}

TEST(TokenizerConvert, BadInputIsASentenceAndNoFile) {
  const Folder folder;
  const fs::path out = folder / "tokenizer.json";
  const auto says = [&](std::vector<std::string> arguments, const std::string& part) {
    arguments.insert(arguments.begin(), {"tokenizer", "convert"});
    arguments.insert(arguments.end(), {"--out", out.string()});
    const Finished ended = run(folder, arguments);
    EXPECT_EQ(ended.code, 2);
    EXPECT_NE(ended.err.find(part), std::string::npos) << ended.err;
    EXPECT_FALSE(fs::exists(out));
  };
  const std::string model = slurp(fixture("unigram.model"));
  write(folder / "cut.model", model.substr(0, 900));
  write(folder / "mine.tiktoken", slurp(fixture("r50k_base.tiktoken")));
  says({(folder / "cut.model").string()}, "cut.model");
  says({(folder / "mine.tiktoken").string()}, "--encoding NAME");
  says({fixture("unigram.model").string(), "--end", "<end>"}, "there is no token \"<end>\"");
  says({fixture("unigram_suffix.model").string(), "--portable"}, "no portable form");
  says({(folder / "absent").string()}, "absent");
}

}  // namespace
}  // namespace heddle::app
