// heddle lab from outside: what it says, what it keeps, and what it does with bad input.

#include <algorithm>
#include <chrono>
#include <thread>

#include <nlohmann/json.hpp>

#include "tests/app/program.h"

namespace heddle::app {
namespace {

using nlohmann::json;

// Two rows that take little at their smallest, the second longer, and whose figures are the same in every run.
constexpr int kRow = 66, kLongerRow = 42;

std::vector<std::string> with(std::vector<std::string> first, const std::vector<std::string>& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

class Lab : public testing::Test {
 protected:
  // heddle lab …
  Finished lab(const std::vector<std::string>& arguments) const { return run(folder_, with({"lab"}, arguments)); }
  // heddle lab run … at its smallest, kept in this test's folder.
  Finished measure(const std::vector<std::string>& arguments) const {
    return lab(with(with({"run"}, arguments), {"--minimal", "--out", out().string()}));
  }
  fs::path out() const { return folder_ / "results"; }
  fs::path stored(int row) const {
    std::string digits = std::to_string(row);
    digits.insert(0, 3 - digits.size(), '0');
    return out() / (digits + ".minimal.json");
  }
  json rows() const { return json::parse(lab({"list", "--json"}).out)["rows"]; }

  // One sentence on stderr that says this, and nothing on stdout.
  static void expect_refused(const Finished& finished, const std::string& part, int code = 2) {
    EXPECT_EQ(finished.code, code);
    EXPECT_TRUE(finished.err.starts_with("heddle: ")) << finished.err;
    EXPECT_NE(finished.err.find(part), std::string::npos) << finished.err;
    EXPECT_EQ(std::ranges::count(finished.err, '\n'), 1) << finished.err;
    EXPECT_EQ(finished.out, "");
  }

  Folder folder_;
};

TEST_F(Lab, ListsItsRows) {
  const json all = rows();
  ASSERT_FALSE(all.empty());
  for (const json& row : all) {
    EXPECT_GT(row["row"].get<int>(), 0);
    EXPECT_FALSE(row["question"].get<std::string>().empty());
    EXPECT_FALSE(row["question_zh"].get<std::string>().empty());
    EXPECT_LE(row["quick_seconds"].get<double>(), 60);
    EXPECT_LE(row["full_seconds"].get<double>(), 240);
    const std::string state = row["state"];
    EXPECT_TRUE(state == "not run" || state == "holds" || state == "holds_only_if" || state == "does_not_hold" ||
                state == "undecided")
        << state;
  }
  const Finished text = lab({"list"});
  EXPECT_EQ(text.code, 0);
  EXPECT_EQ(std::ranges::count(text.out, '\n'), static_cast<long>(all.size()));
}

TEST_F(Lab, ShowsARowInBothLanguages) {
  const json row = rows()[0];
  const std::string number = std::to_string(row["row"].get<int>());
  const Finished english = lab({"show", number}), chinese = lab({"show", number, "--lang", "zh"});
  EXPECT_EQ(english.code, 0);
  EXPECT_EQ(chinese.code, 0);
  EXPECT_NE(english.out.find(row["question"].get<std::string>()), std::string::npos) << english.out;
  EXPECT_NE(chinese.out.find(row["question_zh"].get<std::string>()), std::string::npos) << chinese.out;
  for (const Finished* shown : {&english, &chinese})
    EXPECT_NE(shown->out.find(number + ".1 "), std::string::npos) << shown->out;
}

TEST_F(Lab, BadInputIsASentence) {
  const std::string row = std::to_string(kRow);
  expect_refused(lab({"show", "9999"}), "no row 9999");
  expect_refused(lab({"show", row, "--lang", "fr"}), "--lang");
  expect_refused(lab({"run", "9999"}), "no row 9999");
  expect_refused(lab({"run"}), "heddle lab list");
  expect_refused(lab({"run", "--all", row}), "not both");
  expect_refused(lab({"run", row, "--quick", "--full"}), "exclude each other");
  expect_refused(lab({"run", row, "--seeds", "0"}), "--seeds");
  expect_refused(lab({"run", row, "--set", "no_such_setting=1"}), "no setting \"no_such_setting\"");
  expect_refused(lab({"run", "--all", "--set", "no_such_setting=1"}), "no setting \"no_such_setting\"");
  for (const char* bad : {"steps", "steps=", "steps=many", "steps=1x", "steps=nan", "steps=inf", "steps=1e300"})
    expect_refused(lab({"run", row, "--set", bad}), "name=number");
  expect_refused(lab({"run", row, "--data", (folder_ / "missing").string()}), "missing");
  expect_refused(lab({"run", row, "--data", folder_.text()}), "takes no real data");
  expect_refused(lab({"page"}), "--out");
  expect_refused(lab({"page", "--out", folder_.text(), "--results", (folder_ / "missing").string()}), "missing");
}

TEST_F(Lab, AFolderThatCannotBeWrittenIsSaidBeforeTheRun) {
  const std::string row = std::to_string(kLongerRow);
  const auto began = std::chrono::steady_clock::now();
  expect_refused(lab({"run", row, "--full", "--out", "/proc/heddle"}), "/proc/heddle", 1);
  write(folder_ / "file", "");
  expect_refused(lab({"run", row, "--full", "--out", (folder_ / "file" / "below").string()}), "--out", 1);
  expect_refused(lab({"run", row, "--full", "--out", out().string(), "--json", "/proc/x.json"}), "/proc/x.json", 1);
  expect_refused(lab({"page", "--out", "/proc/heddle"}), "/proc/heddle", 1);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(20));
}

TEST_F(Lab, ARunIsStoredAndReadBack) {
  const int row = kRow;
  const std::string number = std::to_string(row), file = (folder_ / "all.json").string();
  const Finished first = measure({number, "--json", file});
  ASSERT_EQ(first.code, 0) << first.err;
  EXPECT_NE(first.out.find("row " + number), std::string::npos) << first.out;
  EXPECT_TRUE(fs::exists(stored(row)));
  const json result = json::parse(slurp(file))["rows"].at(0);
  EXPECT_EQ(result["row"], row);
  EXPECT_EQ(result["mode"], "minimal");
  EXPECT_EQ(result["changed"], false);
  EXPECT_FALSE(result["claims"].empty());
  for (const json& claim : result["claims"])
    for (const char* key : {"id", "text", "verdict"}) EXPECT_TRUE(claim.contains(key)) << key;
  for (const json& figure : result["figures"])
    for (const char* key : {"mean", "low", "high"}) EXPECT_TRUE(figure.contains(key)) << key;
  for (const char* key : {"verdict", "condition", "seconds"}) EXPECT_TRUE(result.contains(key)) << key;

  // Again: read, not measured; its time of writing stays.
  const auto written = fs::last_write_time(stored(row));
  const Finished second = measure({number, "--json"});
  EXPECT_EQ(second.code, 0);
  EXPECT_EQ(second.out, slurp(file)) << "--json alone gives the object on stdout, and nothing else";
  EXPECT_EQ(second.err, "");
  EXPECT_EQ(fs::last_write_time(stored(row)), written);
  // Other seeds are another run.
  EXPECT_EQ(measure({number, "--first-seed", "7", "--json"}).code, 0);
  EXPECT_NE(fs::last_write_time(stored(row)), written);
}

TEST_F(Lab, OneSeedDecidesNothingAndReplacesNothing) {
  const int row = kRow;
  const std::string number = std::to_string(row);
  const Finished alone = measure({number, "--seeds", "1", "--json"});
  ASSERT_EQ(alone.code, 0) << alone.err;
  const json result = json::parse(alone.out)["rows"].at(0);
  EXPECT_EQ(result["verdict"], "undecided");
  EXPECT_NE(result["needs"].get<std::string>().find("seeds"), std::string::npos) << result["needs"];
  ASSERT_EQ(measure({number, "--seeds", "2"}).code, 0);
  const std::string kept = slurp(stored(row));
  const Finished again = measure({number, "--seeds", "1", "--json"});
  EXPECT_EQ(again.code, 0);
  EXPECT_EQ(json::parse(again.out)["rows"].at(0)["verdict"], "undecided");
  EXPECT_NE(again.err.find("not stored"), std::string::npos) << again.err;
  EXPECT_EQ(slurp(stored(row)), kept);
}

TEST_F(Lab, AChangedRunIsMarkedAndNotStored) {
  const int row = kRow;
  const std::string number = std::to_string(row);
  const std::vector<std::string> changes[] = {{"--set", "inputs=5"}, {"--null"}};
  const auto expect_changed = [&](const std::vector<std::string>& change) {
    const Finished changed = measure(with({number, "--json"}, change));
    ASSERT_EQ(changed.code, 0) << changed.err;
    EXPECT_EQ(json::parse(changed.out)["rows"].at(0)["changed"], true);
  };
  for (const auto& change : changes) {
    expect_changed(change);
    EXPECT_FALSE(fs::exists(stored(row)));
  }
  // Nor does it replace what is there, or get read instead of it.
  ASSERT_EQ(measure({number}).code, 0);
  const std::string kept = slurp(stored(row));
  for (const auto& change : changes) {
    expect_changed(change);
    EXPECT_EQ(slurp(stored(row)), kept);
  }
  EXPECT_EQ(json::parse(measure({number, "--json"}).out)["rows"].at(0)["changed"], false);
  EXPECT_NE(measure({number, "--set", "inputs=5"}).out.find("(changed)"), std::string::npos);
}

TEST_F(Lab, ADamagedResultIsMeasuredAgain) {
  const int row = kRow;
  const std::string number = std::to_string(row);
  ASSERT_EQ(measure({number}).code, 0);
  const std::string whole = slurp(stored(row));
  for (const std::string& damaged : {whole.substr(0, whole.size() / 2), std::string("{}"), std::string(),
                                     std::string("[1]"), std::string("{\"row\":1}")}) {
    write(stored(row), damaged);
    const Finished again = measure({number});
    EXPECT_EQ(again.code, 0);
    EXPECT_NE(again.err.find(stored(row).string()), std::string::npos) << again.err;
    EXPECT_EQ(json::parse(slurp(stored(row)))["figures"], json::parse(whole)["figures"]);
    // The pages say so too, and show the rest.
    write(stored(row), damaged);
    const Finished page = lab({"page", "--results", out().string(), "--out", (folder_ / "site").string()});
    EXPECT_EQ(page.code, 0);
    EXPECT_TRUE(fs::exists(folder_ / "site" / "index.html"));
  }
}

// Two rows, and a signal while the second one runs; the first is kept in its file and in --json.
void stop_in_the_second_row(const Folder& folder, const fs::path& out, int first, const fs::path& kept, int second,
                            int signal, Finished& stopped) {
  const std::string file = (folder / "all.json").string();
  Program program(folder,
                  {"lab", "run", std::to_string(first), std::to_string(second), "--minimal", "--seeds", "4", "--out",
                   out.string(), "--json", file},
                  "", {});
  const auto one_is_kept = [&] { return fs::exists(kept) && slurp(file).find("\"row\"") != std::string::npos; };
  while (program.running() && !one_is_kept()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  ASSERT_TRUE(program.running());
  program.kill(signal);
  stopped = program.wait();
  const json rows = json::parse(slurp(file))["rows"];
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0]["row"], first);
  EXPECT_EQ(json::parse(slurp(kept))["row"], first);
}

TEST_F(Lab, AStoppedOrKilledRunKeepsItsFinishedRows) {
  const int first = kRow, second = kLongerRow;
  for (const int signal : {SIGINT, SIGTERM, SIGKILL}) {
    fs::remove_all(out());
    Finished stopped;
    stop_in_the_second_row(folder_, out(), first, stored(first), second, signal, stopped);
    EXPECT_FALSE(fs::exists(stored(second)));
    EXPECT_EQ(stopped.code, signal == SIGKILL ? -SIGKILL : 128 + signal);
    EXPECT_EQ(stopped.err.find("1 finished rows are kept") != std::string::npos, signal != SIGKILL) << stopped.err;
    // The next run reads what is kept.
    const auto written = fs::last_write_time(stored(first));
    EXPECT_EQ(measure({std::to_string(first), "--seeds", "4"}).code, 0);
    EXPECT_EQ(fs::last_write_time(stored(first)), written);
  }
}

// A row that fails costs itself alone: here its result cannot be written.
TEST_F(Lab, OneFailingRowLeavesTheOthers) {
  const int first = kLongerRow, second = kRow;
  fs::create_directories(stored(first) / "a folder is in its place");
  const std::string file = (folder_ / "all.json").string();
  const Finished finished = measure({std::to_string(first), std::to_string(second), "--json", file});
  EXPECT_EQ(finished.code, 1);
  EXPECT_NE(finished.err.find("row " + std::to_string(first) + ": "), std::string::npos) << finished.err;
  EXPECT_NE(finished.err.find("1 of 2 rows failed"), std::string::npos) << finished.err;
  EXPECT_TRUE(fs::is_regular_file(stored(second)));
  const json rows = json::parse(slurp(file))["rows"];
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0]["row"], second);
}

}  // namespace
}  // namespace heddle::app
