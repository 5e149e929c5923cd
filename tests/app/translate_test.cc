// `heddle translate` as a filter: line k out is line k in, whatever the lines are.

#include <poll.h>

#include <algorithm>

#include "tests/app/program.h"
#include "tests/places/places.h"

namespace heddle::app {
namespace {

// One small model for all tests of this file.
struct Trained {
  Folder folder;
  std::string model;
  Trained() : model((folder / "run").string()) {
    write_digits(folder);
    const fs::path recipe = write_recipe(folder, "max_steps = 150\nvalidate_every = 150\n");
    const Finished ended = run(folder, {"train", recipe.string(), "--out", model});
    EXPECT_EQ(ended.code, 0) << ended.err;
  }
};
Trained& trained() {
  static Trained once;
  return once;
}

Finished translate(const std::string& input, std::vector<std::string> more = {}) {
  Trained& t = trained();
  std::vector<std::string> arguments = {"translate", "--model", t.model};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run(t.folder, arguments, input);
}

int64_t lines_of(const std::string& text) { return std::ranges::count(text, '\n'); }

TEST(Translate, LinesComeOutInTheirPlaces) {
  const Finished one = translate("1 2 3\n"), many = translate("\n1 2 3\n\n7 7 0\n1 2 3\n\n");
  ASSERT_EQ(one.code, 0) << one.err;
  EXPECT_NE(one.out, "\n");
  const Finished other = translate("7 7 0\n");
  EXPECT_EQ(many.out, "\n" + one.out + "\n" + other.out + one.out + "\n");
  EXPECT_EQ(translate("").out, "");
  EXPECT_EQ(translate("1 2 3").out, one.out) << "a last line needs no LF";
}

TEST(Translate, BrokenAndLongLinesAreWarnedOfByNumber) {
  std::string longest = "1";
  for (int i = 0; i < 400; ++i) longest += " 2";
  const Finished ended = translate("1 2 3\n\xff\xfe 7\n" + longest + "\n4 5 6\n");
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(lines_of(ended.out), 4);
  EXPECT_NE(ended.err.find("line 2"), std::string::npos) << ended.err;
  EXPECT_NE(ended.err.find("line 3"), std::string::npos) << ended.err;
  const Finished nul = translate(std::string("1 \0 2\n\r\n3\n", 10));
  EXPECT_EQ(nul.code, 0) << nul.err;
  EXPECT_EQ(lines_of(nul.out), 3) << "only LF ends a line";
}

TEST(Translate, NBestLinesAreNumberedAndScored) {
  const Finished ended = translate("1 2 3\n4 5 6\n", {"--beam", "4", "--nbest", "3"});
  ASSERT_EQ(ended.code, 0) << ended.err;
  std::istringstream lines(ended.out);
  int count = 0;
  double before = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const size_t first = line.find('\t'), second = line.find('\t', first + 1);
    ASSERT_NE(second, std::string::npos) << line;
    EXPECT_EQ(std::stoi(line.substr(0, first)), 1 + count / 3) << "the number of the line";
    const double score = std::stod(line.substr(first + 1, second - first - 1));
    if (count % 3 > 0) {
      EXPECT_LE(score, before);
    }
    before = score;
  }
  EXPECT_EQ(count, 6);
  EXPECT_EQ(lines_of(translate("1\n", {"--beam", "2", "--nbest", "5"}).out), 5);
}

TEST(Translate, TheAnswerDoesNotDependOnItsNeighbours) {
  std::string all, apart;
  for (const char* line : {"1 2 3\n", "9 9\n", "4\n", "5 6 7\n", "8 0 8\n"}) {
    all += line;
    apart += translate(line, {"--beam", "3"}).out;
  }
  EXPECT_EQ(translate(all, {"--beam", "3"}).out, apart);
}

TEST(Translate, AttentionIsDrawn) {
  Trained& t = trained();
  const Finished ended = translate("1 2 3\n", {"--attention", (t.folder / "map.svg").string()});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_NE(slurp(t.folder / "map.svg").find("<svg"), std::string::npos);
}

TEST(Translate, FoldersThatHoldNoModelAreSentences) {
  Trained& t = trained();
  EXPECT_EQ(run(t.folder, {"translate", "--model", (t.folder / "none").string()}, "a\n").code, 2);
  fs::copy(t.model, t.folder / "cut", fs::copy_options::recursive);
  fs::resize_file(t.folder / "cut" / "model.safetensors", 1000);
  const Finished ended = run(t.folder, {"translate", "--model", (t.folder / "cut").string()}, "a\n");
  EXPECT_EQ(ended.code, 2);
  EXPECT_NE(ended.err.find("model.safetensors"), std::string::npos) << ended.err;
}

// An answer comes as soon as no more input is ready, not only at its end.
TEST(Translate, AWindowIsDecodedWhenNoMoreInputIsReady) {
  Trained& t = trained();
  int to[2], from[2];
  ASSERT_EQ(pipe(to), 0);
  ASSERT_EQ(pipe(from), 0);
  const pid_t child = fork();
  if (child == 0) {
    dup2(to[0], 0);
    dup2(from[1], 1);
    for (int descriptor : {to[0], to[1], from[0], from[1]}) close(descriptor);
    execl(program_path(), program_path(), "translate", "--model", t.model.c_str(), nullptr);
    _exit(127);
  }
  close(to[0]);
  close(from[1]);
  for (int round = 0; round < 2; ++round) {
    ASSERT_EQ(::write(to[1], "1 2 3\n7", 7), 7);  // the second line is begun, not ended
    pollfd ready = {from[0], POLLIN, 0};
    ASSERT_EQ(poll(&ready, 1, 60000), 1) << "no answer while the input stays open";
    char text[256];
    ASSERT_GT(read(from[0], text, sizeof text), 0);
  }
  close(to[1]);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  close(from[0]);
}

}  // namespace
}  // namespace heddle::app
