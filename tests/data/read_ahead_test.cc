// What is read ahead is what the source gives, wherever reads are cut, however it ends, and whenever it is left.

#include "heddle/data/read_ahead.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <random>
#include <thread>

#include "heddle/base/error.h"

namespace heddle::data {
namespace {

struct Watch {
  std::atomic<int> reads = 0;
  std::atomic<bool> gone = false;
};

// Gives a text in pieces of any size, then ends or throws.
class MadeUpSource : public ByteSource {
 public:
  MadeUpSource(std::string text, bool fails, Watch& watch, int milliseconds = 0)
      : text_(std::move(text)), fails_(fails), watch_(watch), milliseconds_(milliseconds) {}
  ~MadeUpSource() override { watch_.gone = true; }

  size_t read(char* to, size_t most) override {
    ++watch_.reads;
    if (milliseconds_ > 0) std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds_));
    const size_t left = text_.size() - at_;
    if (left == 0 && fails_) fail_input("it broke");
    if (left == 0) return 0;
    const size_t bytes = std::min({left, most, size_t{1} + random_() % (size_t{1} << 18)});
    std::memcpy(to, text_.data() + at_, bytes);
    at_ += bytes;
    return bytes;
  }

 private:
  std::string text_;
  size_t at_ = 0;
  bool fails_;
  Watch& watch_;
  int milliseconds_;
  std::mt19937 random_{3};
};

std::string some_text(size_t bytes) {
  std::string text(bytes, '\0');
  std::mt19937 random(4);
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

TEST(ReadAhead, GivesWhatTheSourceGives) {
  std::mt19937 random(5);
  for (const size_t size : {size_t{0}, size_t{1}, size_t{1000}, size_t{1} << 18, size_t{3'000'000}}) {
    for (const bool fails : {false, true}) {
      Watch watch;
      const std::string text = some_text(size);
      const auto ahead = read_ahead(std::make_unique<MadeUpSource>(text, fails, watch));
      std::string got, error;
      std::vector<char> room(size_t{1} << 18);
      try {
        while (const size_t bytes = ahead->read(room.data(), 1 + random() % room.size()))
          got.append(room.data(), bytes);
        EXPECT_EQ(ahead->read(room.data(), 1), 0u) << "the end stays the end";
      } catch (const InputError& problem) {
        error = problem.what();
      }
      EXPECT_TRUE(got == text) << size;
      EXPECT_EQ(error, fails ? "it broke" : "");
    }
  }
}

TEST(ReadAhead, MayBeLeftAtAnyTime) {
  const std::string text = some_text(3'000'000);
  std::vector<char> room(size_t{1} << 18);
  for (int reads = 0; reads < 12; ++reads) {
    Watch watch;
    {
      const auto ahead = read_ahead(std::make_unique<MadeUpSource>(text, true, watch));
      for (int i = 0; i < reads; ++i) ASSERT_GT(ahead->read(room.data(), room.size()), 0u);
    }
    EXPECT_TRUE(watch.gone);
  }
}

TEST(ReadAhead, TheRingIsBounded) {
  Watch watch;
  std::vector<char> room(size_t{1} << 18);
  const auto ahead = read_ahead(std::make_unique<MadeUpSource>(some_text(20'000'000), false, watch));
  while (watch.reads < 4) ASSERT_GT(ahead->read(room.data(), room.size()), 0u);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_LT(watch.reads, 20);
}

TEST(ReadAhead, WaitsForASlowSource) {
  Watch watch;
  const std::string text = some_text(900'000);
  const auto ahead = read_ahead(std::make_unique<MadeUpSource>(text, false, watch, 2));
  std::string got;
  std::vector<char> room(size_t{1} << 18);
  while (const size_t bytes = ahead->read(room.data(), room.size())) got.append(room.data(), bytes);
  EXPECT_TRUE(got == text);
}

}  // namespace
}  // namespace heddle::data
