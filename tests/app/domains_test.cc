// Texts of two domains from outside, alike but for what nothing else tells: which of them it is.

#include <gtest/gtest.h>

#include "tests/app/program.h"

namespace heddle::app {
namespace {

std::string times(int count, const std::string& text) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

double number_behind(const std::string& text, const std::string& words) {
  const size_t at = text.find(words);
  EXPECT_NE(at, std::string::npos) << text;
  return at == std::string::npos ? 0 : std::stod(text.substr(at + words.size()));
}

constexpr const char* kModel = R"(
[tokenizer]
type = "char"
[model]
width = 16
decoder_layers = 1
encoder_layers = 1
heads = 2
ffn = 24
max_length = 8
dropout = 0.0
norm_place = "pre"
tie_embeddings = false
)";
constexpr const char* kDomains = R"(
[model.embedding]
fusion = "domains"
[[model.embedding.beside]]
kind = "table"
[train]
max_steps = 150
batch_tokens = 96
learning_rate = 2e-2
warmup_steps = 10
)";

class DomainsCommand : public testing::Test {
 protected:
  // Of 1 follows 2 in the one, and 3 in the other.
  DomainsCommand() {
    for (const std::string next : {"2", "3"}) {
      write(folder_ / (next + ".text"), times(40, "1" + next + "\n"));
      write(folder_ / (next + ".from"), times(40, "1\n"));
      write(folder_ / (next + ".to"), times(40, next + "\n"));
    }
  }
  std::string trained(const std::string& recipe) {
    write(folder_ / "recipe.toml", recipe);
    const Finished ended = run(folder_, {"train", (folder_ / "recipe.toml").string(), "--out",
                                         (folder_ / "model").string(), "--set", "data.dir=" + folder_.text()});
    EXPECT_EQ(ended.code, 0) << ended.err;
    return (folder_ / "model").string();
  }
  Folder folder_;
};

TEST_F(DomainsCommand, OfATextItGoesOnWith) {
  const std::string model = trained(std::string(R"(task = "language_model"
[data]
domains = "2, 3"
train_text = "{domain}.text"
valid_text = "{domain}.text"
document_end = "\n"
block = 3
)") + kModel + "kind = \"decoder_only\"\n[model.attention]\nmask = \"causal & document\"\n" +
                                    kDomains);
  for (const std::string next : {"2", "3"}) {
    const Finished ended =
        run(folder_, {"complete", "--model", model, "--domain", next, "--temperature", "0", "--tokens", "1"}, "1\n");
    EXPECT_EQ(ended.out, next + "\n") << ended.err;
  }
  const auto score = [&](const std::string& domain, const std::string& text) {
    const Finished ended = run(folder_, {"eval", "--json", "--model", model, "--domain", domain, "--text",
                                         (folder_ / (text + ".text")).string()});
    return number_behind(ended.out, "\"bits_per_character\":");
  };
  EXPECT_LT(score("2", "2") + 0.5, score("3", "2"));
  // Document by document, as it was validated; in one stream 1 follows on 2 and 3 too.
  const std::string validated = slurp(fs::path(model) / "validation.jsonl");
  const double best = number_behind(validated.substr(validated.rfind('{')), "\"bits per character\":");
  EXPECT_NEAR((score("2", "2") + score("3", "3")) / 2, best, 1e-3);
  const Finished unknown = run(folder_, {"complete", "--model", model, "--domain", "4"}, "1\n");
  EXPECT_EQ(unknown.code, 2) << unknown.out;
  EXPECT_NE(unknown.err.find("it learned 2, 3"), std::string::npos) << unknown.err;
}

TEST_F(DomainsCommand, OfWhatItTranslates) {
  const std::string model = trained(std::string(R"(metric = "exact"
[data]
domains = "2, 3"
train_source = "{domain}.from"
train_target = "{domain}.to"
valid_source = "{domain}.from"
valid_target = "{domain}.to"
)") + kModel + kDomains);
  EXPECT_NE(slurp(fs::path(model) / "validation.jsonl").find("\"exact\":100"), std::string::npos)
      << slurp(fs::path(model) / "validation.jsonl");
  for (const std::string next : {"2", "3"})
    EXPECT_EQ(run(folder_, {"translate", "--model", model, "--domain", next}, "1\n").out, next + "\n");
  const Finished wrong = run(folder_, {"eval", "--json", "--model", model, "--domain", "3", "--source",
                                       (folder_ / "2.from").string(), "--reference", (folder_ / "2.to").string()});
  EXPECT_NE(wrong.out.find("\"exact_match\":0.0"), std::string::npos) << wrong.out << wrong.err;
  const auto loss = [&](const std::string& domain) {
    const Finished ended = run(folder_, {"inspect", "heads", "--model", model, "--domain", domain}, "1\t2\n");
    return number_behind(ended.out, "with all it is ");
  };
  EXPECT_LT(loss("2") + 0.5, loss("3"));
  const auto influence = [&](const std::string& domain) {
    return run(folder_, {"inspect", "influence", "--model", model, "--method", "integrated", "--domain", domain},
               "1\t2\n");
  };
  EXPECT_NE(influence("2").out, influence("3").out);
}

TEST_F(DomainsCommand, AreCheckedEachByItself) {
  write(folder_ / "recipe.toml", "[data]\ndir = \"" + folder_.text() + R"("
domains = "2, 3"
train_source = "{domain}.from"
train_target = "{domain}.to"
valid_source = "3.from"
valid_target = "3.to"
)");
  const Finished ended = run(folder_, {"data", "check", (folder_ / "recipe.toml").string()});
  for (const char* domain : {"recipe.toml, domain 2", "recipe.toml, domain 3"})
    EXPECT_NE(ended.out.find(domain), std::string::npos) << ended.out << ended.err;
}

}  // namespace
}  // namespace heddle::app
