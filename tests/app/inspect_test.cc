// `heddle inspect` from outside, on a model that learned digits for a moment.

#include "tests/app/page_examples.h"

namespace heddle::app {
namespace {

class InspectCommand : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new Folder;
    write_digits(*folder_);
    const fs::path recipe = write_recipe(*folder_, "max_steps = 40\nattention_every = 20\nattention_sentences = 1\n");
    const Finished trained = run(*folder_, {"train", recipe.string(), "--out", model()});
    ASSERT_EQ(trained.code, 0) << trained.err;
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }
  static std::string model() { return (*folder_ / "run").string(); }
  static Finished inspect(std::vector<std::string> arguments, const std::string& input = "1 2 3\tone two three\n") {
    arguments.insert(arguments.begin(), "inspect");
    arguments.insert(arguments.end(), {"--model", model()});
    return run(*folder_, arguments, input);
  }
  static Folder* folder_;
};

Folder* InspectCommand::folder_ = nullptr;

TEST_F(InspectCommand, EverySubcommandHasThreeForms) {
  const std::string page = (*folder_ / "page.html").string();
  for (const std::string name : {"attention", "heads", "neurons", "layers", "influence", "params"}) {
    SCOPED_TRACE(name);
    const Finished text = inspect({name, "--html", page});
    ASSERT_EQ(text.code, 0) << text.err;
    EXPECT_GT(text.out.size(), 100u);
    EXPECT_TRUE(slurp(page).starts_with("<!doctype html>"));
    const Finished json = inspect({name, "--json"});
    ASSERT_EQ(json.code, 0) << json.err;
    EXPECT_TRUE(json.out.starts_with("{\"title\":") && json.out.ends_with("}\n"));
  }
}

TEST_F(InspectCommand, ReadsFilesAndTranslatesWhereThereIsNoReference) {
  const std::string source = (*folder_ / "valid.source").string(), target = (*folder_ / "valid.target").string();
  const Finished both = inspect({"params", "--each", "--source", source, "--reference", target});
  ASSERT_EQ(both.code, 0) << both.err;
  EXPECT_NE(both.out.find("gradient norm"), std::string::npos);
  EXPECT_NE(both.out.find("decoder.layers.0.feed_forward.second.weight"), std::string::npos);
  EXPECT_EQ(inspect({"heads", "--source", source, "--ablate", "mean"}).code, 0);
  EXPECT_EQ(inspect({"attention", "--at", "cross", "--positions", "0", "-1"}, "7 7 0\n").code, 0);
  EXPECT_EQ(inspect({"neurons", "--at", "decoder", "--neuron", "3"}).code, 0);
  EXPECT_EQ(inspect({"influence", "--method", "integrated", "--steps", "8"}).code, 0);
}

TEST_F(InspectCommand, ShowsHowAttentionChangedInTraining) {
  EXPECT_TRUE(fs::exists(fs::path(model()) / "attention" / "step_00000020.json"));
  const Finished shown = inspect({"attention", "--snapshots"}, "");
  ASSERT_EQ(shown.code, 0) << shown.err;
  EXPECT_NE(shown.out.find("decoder.layers.0.cross_attention"), std::string::npos);
  EXPECT_NE(shown.out.find("    40  "), std::string::npos) << shown.out;
}

TEST_F(InspectCommand, SaysWhatIsWrong) {
  const auto problem = [&](const std::vector<std::string>& arguments, const std::string& input = "1 2 3\n") {
    const Finished finished = inspect(arguments, input);
    EXPECT_EQ(finished.code, 2) << finished.out;
    return finished.err;
  };
  EXPECT_NE(problem({"heads"}, "").find("there is no sentence to look at"), std::string::npos);
  EXPECT_NE(problem({"attention", "--at", "nowhere"}).find("no attention of the model"), std::string::npos);
  EXPECT_NE(problem({"attention", "--sentence", "5", "--json"}).find("there are 1 sentences"), std::string::npos);
  EXPECT_NE(problem({"neurons", "--neuron", "999"}).find("has the neurons 0 to 31"), std::string::npos);
  EXPECT_NE(problem({"influence", "--method", "magic"}), "");
  EXPECT_NE(problem({"params", "--reference", "x"}).find("needs --source"), std::string::npos);
  write(fs::path(model()) / "attention" / "step_00000099.json", "{\"step\": 1}");
  EXPECT_NE(problem({"attention", "--snapshots"}).find("is no attention snapshot"), std::string::npos);
  fs::remove(fs::path(model()) / "attention" / "step_00000099.json");
}

// docs/inspect.md, on a narrow model that learned dates for four steps.
TEST(InspectPage, ItsExamplesSayWhatItShows) {
  const Folder folder;
  fs::create_directory_symlink(source_path("recipes"), folder / "recipes");
  expect_page_holds("inspect.md", folder, 7,
                    {.any_numbers = true,
                     .train_options = " --set train.max_steps=4 --set train.attention_every=2 --set train.threads=1"
                                      " --set data.train_lines=400 --set decode.validation_lines=2"
                                      " --set model.width=32 --set model.ffn=32"});
  for (const char* drawn : {"attention.html", "influence.html", "learned.html"})
    EXPECT_TRUE(slurp(folder / drawn).starts_with("<!doctype html>")) << drawn;
}

}  // namespace
}  // namespace heddle::app
