// `heddle vectors` from outside: the examples of docs/word_vectors.md, and refusals.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/app/program.h"
#include "tests/places/places.h"

namespace heddle::app {
namespace {

// The blocks of the page that follow a line which ends with `ending`, in order.
std::string block_behind(const std::string& page, const std::string& line) {
  const size_t at = page.find(line + "\n```\n");
  if (at == page.npos) return {};
  const size_t begin = at + line.size() + 5;
  return page.substr(begin, page.find("```", begin) - begin);
}

class Vectors : public testing::Test {
 protected:
  Vectors() { write(folder / "animals.vec", block_behind(page, "`animals.vec`:")); }
  std::string file(const std::string& name) const { return (folder / name).string(); }

  Folder folder;
  const std::string page = slurp(source_path("docs/word_vectors.md"));
};

TEST_F(Vectors, ThePageSaysWhatTheProgramSays) {
  const std::string nearest = block_behind(page, "`heddle vectors nearest --vectors animals.vec --top 2 cat`:");
  ASSERT_FALSE(nearest.empty());
  EXPECT_EQ(run(folder, {"vectors", "nearest", "--vectors", file("animals.vec"), "--top", "2", "cat"}).out, nearest);
  const std::string info = block_behind(page, "`heddle vectors info animals.vec`:");
  ASSERT_FALSE(info.empty());
  EXPECT_EQ(run(folder, {"vectors", "info", file("animals.vec")}).out, folder.text() + "/" + info);
}

TEST_F(Vectors, JsonAndSeveralSources) {
  write(folder / "more.txt", "cat 1\ndog 1\nhorse 3\n");
  const Finished near = run(folder, {"vectors", "nearest", "--vectors", file("animals.vec"), "--vectors",
                                     file("more.txt"), "--top", "9", "--json", "cat", "horse"});
  ASSERT_EQ(near.code, 0) << near.err;
  const auto json = nlohmann::json::parse(near.out);
  ASSERT_EQ(json.size(), 2U);
  EXPECT_EQ(json[0]["word"], "cat");
  EXPECT_EQ(json[0]["nearest"].size(), 4U);
  EXPECT_EQ(json[0]["nearest"][0]["word"], "dog");
  const Finished info = run(folder, {"vectors", "info", file("animals.vec"), file("more.txt"), "--json"});
  const auto facts = nlohmann::json::parse(info.out);
  EXPECT_EQ(facts[0]["width"], 3);
  EXPECT_EQ(facts[1]["words"], 3);
  EXPECT_EQ(facts[1]["longest"], 3.0);
  const Finished widths = run(folder, {"vectors", "nearest", "--vectors", file("animals.vec"), "--vectors",
                                       file("more.txt"), "--combine", "average", "cat"});
  EXPECT_EQ(widths.code, 2);
  EXPECT_NE(widths.err.find("widths 3 and 1 have no average"), std::string::npos) << widths.err;
}

TEST_F(Vectors, RefusalsAreSentences) {
  const auto refused = [&](const std::vector<std::string>& arguments, const std::string& part) {
    const Finished finished = run(folder, arguments);
    EXPECT_EQ(finished.code, 2);
    EXPECT_NE(finished.err.find(part), std::string::npos) << finished.err;
    EXPECT_EQ(finished.out, "");
  };
  write(folder / "bad.txt", "a 1 2\nb 1\n");
  refused({"vectors", "nearest", "--vectors", file("animals.vec"), "Cat"}, "\"Cat\" is none of the 4 words");
  refused({"vectors", "nearest", "cat"}, "--vectors");
  refused({"vectors", "nearest", "--vectors", file("animals.vec"), "--top", "0", "cat"}, "--top");
  refused({"vectors", "info", file("animals.vec"), file("bad.txt")}, "bad.txt:2: the line has 2 fields");
  refused({"vectors"}, "subcommand");
}

}  // namespace
}  // namespace heddle::app
