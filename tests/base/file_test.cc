// A file is there completely or not at all.

#include "heddle/base/file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "tests/base/sentence.h"

namespace heddle {
namespace {

namespace fs = std::filesystem;

class File : public testing::Test {
 protected:
  File() {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~File() override { fs::remove_all(folder_); }
  int64_t entries() const { return std::distance(fs::directory_iterator(folder_), fs::directory_iterator()); }

  const fs::path folder_ = fs::path(testing::TempDir()) / ("heddle_file_" + std::to_string(getpid()));
  const fs::path file_ = folder_ / "file";
};

TEST_F(File, AFolderIsThereWholeOrNotAtAll) {
  {
    AtomicFolder broken(folder_ / "broken");
    write_file_atomic(broken.building() / "part", "x");
  }
  EXPECT_EQ(entries(), 0) << "what was not committed is gone";
  for (const char* name : {"plain", "with_a_slash/"}) {
    AtomicFolder whole(folder_ / name);
    write_file_atomic(whole.building() / "part", name);
    EXPECT_FALSE(fs::exists(folder_ / name)) << "before it is whole";
    whole.commit();
    EXPECT_EQ(read_file(folder_ / name / "part", 20), name);
  }
  EXPECT_EQ(entries(), 2);
  AtomicFolder second(folder_ / "plain");
  write_file_atomic(second.building() / "part", "other");
  EXPECT_THROW(second.commit(), fs::filesystem_error);
  EXPECT_EQ(read_file(folder_ / "plain" / "part", 20), "plain");
}

TEST_F(File, IsWrittenAndReadBack) {
  const std::string bytes("a\0\xFF\n", 4);
  write_file_atomic(file_, bytes);
  EXPECT_EQ(read_file(file_, 4), bytes);
  write_file_atomic(file_, "");
  EXPECT_EQ(read_file(file_, 0), "");
  EXPECT_EQ(entries(), 1);
}

TEST_F(File, WithoutCommitTheOldOneStays) {
  write_file_atomic(file_, "old");
  {
    AtomicFile file(file_);
    file.write("new");
    EXPECT_EQ(read_file(file_, 100), "old");
    EXPECT_EQ(entries(), 2);
  }
  EXPECT_EQ(read_file(file_, 100), "old");
  EXPECT_EQ(entries(), 1) << "the temporary file is removed";
}

// The disk is full: here, a file may not grow beyond 64 KiB.
TEST_F(File, AFullDiskLeavesTheOldOne) {
  write_file_atomic(file_, "old");
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 1 << 16;
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string sentence = sentence_of<SystemError>([&] { write_file_atomic(file_, std::string(1 << 20, 'x')); });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_TRUE(contains(sentence, "cannot write " + file_.string()));
  EXPECT_TRUE(contains(sentence, "free some space"));
  EXPECT_EQ(read_file(file_, 100), "old");
  EXPECT_EQ(entries(), 1);
}

TEST_F(File, PlacesThatCannotBeWrittenAreSentences) {
  EXPECT_TRUE(
      contains(sentence_of<SystemError>([&] { write_file_atomic(folder_ / "none" / "file", "x"); }), "No such file"));
  write_file_atomic(file_, "x");
  EXPECT_TRUE(contains(sentence_of<SystemError>([&] { write_file_atomic(file_ / "file", "x"); }),
                       "choose a writable directory"));
  fs::create_directory(folder_ / "folder");
  EXPECT_TRUE(
      contains(sentence_of<SystemError>([&] { write_file_atomic(folder_ / "folder", "x"); }), "cannot replace"));
  EXPECT_EQ(entries(), 2);
  if (geteuid() == 0) return;  // root may write anywhere
  fs::permissions(folder_, fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_TRUE(
      contains(sentence_of<SystemError>([&] { write_file_atomic(folder_ / "new", "x"); }), "Permission denied"));
  fs::permissions(folder_, fs::perms::owner_all);
}

TEST_F(File, WhatCannotBeReadIsASentence) {
  EXPECT_TRUE(contains(sentence_of([&] { read_file(file_, 10); }), "cannot open"));
  EXPECT_TRUE(contains(sentence_of([&] { read_file(folder_, 10); }), "is a directory"));
  write_file_atomic(file_, "12345678901");
  EXPECT_TRUE(contains(sentence_of([&] { read_file(file_, 10); }), "larger than the 10 bytes"));
  EXPECT_TRUE(contains(sentence_of([&] { read_file("/dev/zero", 1000); }), "larger than"));
}

TEST_F(File, IsMapped) {
  write_file_atomic(file_, "mapped");
  const MappedFile mapped(file_);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(mapped.bytes().data()), mapped.bytes().size()), "mapped");
  write_file_atomic(folder_ / "empty", "");
  EXPECT_TRUE(MappedFile(folder_ / "empty").bytes().empty());
}

TEST_F(File, OnlyRegularFilesAreMapped) {
  EXPECT_TRUE(contains(sentence_of([&] { MappedFile mapped(file_); }), "cannot open"));
  EXPECT_TRUE(contains(sentence_of([&] { MappedFile mapped(folder_); }), "no regular file"));
  ASSERT_EQ(mkfifo(file_.c_str(), 0600), 0);
  EXPECT_TRUE(contains(sentence_of([&] { MappedFile mapped(file_); }),
                       "no regular file"));  // and no waiting
}

}  // namespace
}  // namespace heddle
