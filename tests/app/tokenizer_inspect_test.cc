// heddle tokenizer inspect and compare, from outside.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/app/program.h"

namespace heddle::app {
namespace {

TEST(TokenizerInspect, FiguresOfEachLanguageInAllForms) {
  const Folder folder;
  std::string english, german;
  for (int i = 0; i < 200; ++i) {
    english += "the weaver weaves the warp and the weft " + std::to_string(i) + "\n";
    german += "der Weber webt Tücher aus Garn\n";
  }
  write(folder / "a.en", english);
  write(folder / "a.de", german);
  const std::string en = (folder / "a.en").string(), de = (folder / "a.de").string();
  const auto train = [&](const std::string& name, const std::string& size) {
    const std::string file = (folder / name).string();
    EXPECT_EQ(run(folder, {"tokenizer", "train", "--vocab-size", size, "--out", file, en}).code, 0);
    return file;
  };
  const std::string one = train("one.json", "295"), other = train("other.json", "275");
  const std::string page = (folder / "page.html").string();

  const Finished found =
      run(folder, {"tokenizer", "inspect", "--tokenizer", one, en, de, "--json", "--html", page, "--text", "<b>"});
  ASSERT_EQ(found.code, 0) << found.err;
  const auto json = nlohmann::json::parse(found.out);
  ASSERT_EQ(json["languages"].size(), 2u);
  EXPECT_EQ(json["languages"][0]["words"], 200 * 9);
  EXPECT_LT(json["languages"][0]["tokens_per_word"], json["languages"][1]["tokens_per_word"]);
  EXPECT_NE(slurp(page).find("class=\"strip\""), std::string::npos);
  const Finished text = run(folder, {"tokenizer", "inspect", "--tokenizer", one, en, "--text", "the weaver"});
  EXPECT_NE(text.out.find("Heaps' law"), std::string::npos);
  EXPECT_NE(text.out.find("|the"), std::string::npos);
  EXPECT_EQ(text.out.find('\x1b'), std::string::npos) << "colours are for terminals";

  const Finished compared = run(folder, {"tokenizer", "compare", one, other, en, de, "--json", "--html", page});
  ASSERT_EQ(compared.code, 0) << compared.err;
  const auto comparison = nlohmann::json::parse(compared.out);
  EXPECT_EQ(comparison["vocabulary"]["written"]["sizes"][1], 275);
  EXPECT_GT(comparison["languages"][0]["words_cut_differently"], 0);
  EXPECT_NE(slurp(page).find("Two tokenizers compared"), std::string::npos);
  EXPECT_EQ(run(folder, {"tokenizer", "inspect", "--tokenizer", one, (folder / "none").string()}).code, 2);
}

}  // namespace
}  // namespace heddle::app
