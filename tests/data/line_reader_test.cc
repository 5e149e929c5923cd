#include "heddle/data/line_reader.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

#include <thread>
#include <vector>

#include "heddle/base/error.h"
#include "tests/places/temporary_folder.h"

namespace heddle::data {
namespace {

std::string gzip(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstd(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

std::vector<std::string> lines_of(const std::filesystem::path& file) {
  LineReader reader(file);
  std::vector<std::string> lines;
  for (std::string line; reader.next(line);) lines.push_back(line);
  EXPECT_EQ(reader.line_number(), std::ssize(lines));
  return lines;
}

std::string error_of(const std::filesystem::path& file, size_t limit = LineReader::kLongestLine) {
  try {
    LineReader reader(file, {.longest_line = limit});
    for (std::string line; reader.next(line);) {
    }
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

// Some 600 KB that do not compress to nothing, so that blocks are crossed everywhere.
std::string long_text() {
  std::string text;
  uint64_t state = 1;
  for (int i = 0; i < 20000; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    text += "line " + std::to_string(state) + std::string(state >> 60, 'x') + "\n";
  }
  return text;
}

TEST(LineReader, OnlyLineFeedEndsALine) {
  TemporaryFolder folder;
  const std::string text =
      "a\r\nb\vc\fd\xE2\x80\xA8"
      "e\n\n\rlast";
  const std::vector<std::string> expected = {"a\r",
                                             "b\vc\fd\xE2\x80\xA8"
                                             "e",
                                             "", "\rlast"};
  EXPECT_EQ(lines_of(folder.write("plain", text)), expected);
  EXPECT_EQ(lines_of(folder.write("t.gz", gzip(text))), expected);
  EXPECT_EQ(lines_of(folder.write("t.zst", zstd(text))), expected);
}

TEST(LineReader, AFinalLineFeedAddsNoLine) {
  TemporaryFolder folder;
  EXPECT_EQ(lines_of(folder.write("empty", "")).size(), 0u);
  EXPECT_EQ(lines_of(folder.write("one", "a\n")).size(), 1u);
  EXPECT_EQ(lines_of(folder.write("blank", "\n\n")).size(), 2u);
}

TEST(LineReader, ArchivesAreToldByTheirFirstBytes) {
  TemporaryFolder folder;
  const std::string text = long_text();
  const std::vector<std::string> plain = lines_of(folder.write("plain", text));
  ASSERT_EQ(plain.size(), 20000u);
  EXPECT_EQ(lines_of(folder.write("gzip", gzip(text))), plain);
  EXPECT_EQ(lines_of(folder.write("zstd", zstd(text))), plain);
}

TEST(LineReader, SeveralMembersAreOneText) {
  TemporaryFolder folder;
  const std::vector<std::string> expected = {"ab", "c"};
  EXPECT_EQ(lines_of(folder.write("t.gz", gzip("a") + gzip("") + gzip("b\nc\n"))), expected);
  EXPECT_EQ(lines_of(folder.write("t.zst", zstd("a") + zstd("") + zstd("b\nc\n"))), expected);
}

TEST(LineReader, EveryTruncationOfAnArchiveIsAnError) {
  TemporaryFolder folder;
  const std::string text = "one line\nand another line\n";
  for (const auto& [name, whole] : {std::pair("t.gz", gzip(text)), std::pair("t.zst", zstd(text))})
    for (size_t bytes = 0; bytes < whole.size(); ++bytes)
      EXPECT_NE(error_of(folder.write(name, whole.substr(0, bytes))), "no error")
          << name << " cut to " << bytes << " bytes";
}

TEST(LineReader, TruncationFarIntoAnArchiveIsAnError) {
  TemporaryFolder folder;
  for (const std::string& whole : {gzip(long_text()), zstd(long_text())})
    for (size_t missing : {size_t{1}, size_t{9}, whole.size() / 2})
      EXPECT_NE(error_of(folder.write("t", whole.substr(0, whole.size() - missing))).find("cut short"),
                std::string::npos);
}

TEST(LineReader, DamageIsAnError) {
  TemporaryFolder folder;
  std::string damaged = gzip(long_text());
  damaged[damaged.size() / 2] ^= 0x55;
  EXPECT_NE(error_of(folder.write("t.gz", damaged)), "no error");
  EXPECT_NE(error_of(folder.write("junk.gz", gzip("a\n") + "junk")), "no error");
  EXPECT_NE(error_of(folder.write("junk.zst", zstd("a\n") + "junk")), "no error");
  EXPECT_NE(error_of(folder.write("text.gz", "plain text\n")), "no error");
}

TEST(LineReader, ALineOverTheLimitIsNamed) {
  TemporaryFolder folder;
  const std::string text = "short\n" + std::string(100, 'x') + "\n";
  EXPECT_EQ(error_of(folder.write("t", text), 100), "no error");
  const std::string error = error_of(folder.write("t", text), 99);
  EXPECT_NE(error.find("t:2:"), std::string::npos) << error;
  EXPECT_NE(error.find("99 bytes"), std::string::npos) << error;
}

TEST(LineReader, ABombStopsAtTheLineLimit) {
  TemporaryFolder folder;
  const std::string bomb(size_t{64} << 20, 'x');
  for (const auto& file : {folder.write("t.gz", gzip(bomb)), folder.write("t.zst", zstd(bomb))}) {
    const std::string error = error_of(file);
    EXPECT_NE(error.find(":1: the line is longer"), std::string::npos) << error;
  }
}

TEST(LineReader, ABombStopsAtItsLimits) {
  TemporaryFolder folder;
  std::string bomb(size_t{80} << 20, 'x');
  for (size_t at = 0; at < bomb.size(); at += 1000) bomb[at] = '\n';
  const auto zipped = folder.write("t.gz", gzip(bomb)), packed = folder.write("t.zst", zstd(bomb));
  const auto problem = [](const std::filesystem::path& file, const UnpackLimits& limits) -> std::string {
    try {
      LineReader reader(file, {.unpacked = limits});
      for (std::string_view line; reader.next(line);) {
      }
    } catch (const InputError& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_NE(problem(zipped, {.most_ratio = 100}).find("100 times its size"), std::string::npos);
  EXPECT_NE(problem(packed, {}).find("500 times its size"), std::string::npos);
  EXPECT_EQ(problem(zipped, {.most_ratio = 1100}), "no error");
  EXPECT_NE(problem(zipped, {.most_ratio = 1100, .most_bytes = 1 << 20}).find("more than 1048576 bytes"),
            std::string::npos);
  EXPECT_NE(problem(packed, {.most_bytes = 1 << 20}).find("more than 1048576 bytes"), std::string::npos);
}

TEST(LineReader, AByteOrderMarkIsNoText) {
  TemporaryFolder folder;
  EXPECT_EQ(lines_of(folder.write("bom",
                                  "\xEF\xBB\xBF"
                                  "a\n\xEF\xBB\xBF"
                                  "b\n")),
            (std::vector<std::string>{"a",
                                      "\xEF\xBB\xBF"
                                      "b"}));
  EXPECT_EQ(lines_of(folder.write("only", "\xEF\xBB\xBF")).size(), 0u);
  EXPECT_NE(error_of(folder.write("utf16", std::string("\xFF\xFE"
                                                       "a\0\n\0",
                                                       6)))
                .find("UTF-16"),
            std::string::npos);
}

TEST(LineReader, LinesOfEveryLengthAroundTheBlocks) {
  TemporaryFolder folder;
  std::vector<std::string> lines;
  for (size_t length :
       {size_t{0}, size_t{1} << 18, (size_t{1} << 18) - 1, (size_t{1} << 17) + 1, size_t{900000}, size_t{3}})
    lines.emplace_back(length, static_cast<char>('a' + lines.size()));
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  EXPECT_EQ(lines_of(folder.write("t", text)), lines);
  EXPECT_EQ(lines_of(folder.write("t.gz", gzip(text))), lines);
}

TEST(LineReader, BinaryFilesAreRefused) {
  TemporaryFolder folder;
  const std::string error = error_of(folder.write("t", std::string("good\nab\0c\n", 10)));
  EXPECT_NE(error.find("t:2:"), std::string::npos) << error;
  EXPECT_NE(error.find("binary"), std::string::npos) << error;
}

TEST(LineReader, MissingFilesAndDirectoriesAreErrors) {
  TemporaryFolder folder;
  EXPECT_THROW(LineReader(folder.path() / "none"), InputError);
  EXPECT_THROW(LineReader(folder.path()), InputError);
}

TEST(LineReader, ReadsPipes) {
  TemporaryFolder folder;
  const std::filesystem::path pipe = folder.path() / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&] { std::ofstream(pipe, std::ios::binary) << gzip("a\nb\n"); });
  EXPECT_EQ(lines_of(pipe), (std::vector<std::string>{"a", "b"}));
  writer.join();
}

}  // namespace
}  // namespace heddle::data
