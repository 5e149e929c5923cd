// Files that lie about themselves are refused with a sentence, and nothing is allocated on their
// word.

#include "heddle/model/safetensors.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <fstream>

#include "heddle/base/clock.h"
#include "heddle/base/memory.h"
#include "heddle/base/random.h"
#include "tests/base/sentence.h"

namespace heddle::model {
namespace {

namespace fs = std::filesystem;

std::string with_length(uint64_t length, const std::string& rest) {
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  return bytes + rest;
}
std::string file_of(const std::string& header, size_t body) {
  return with_length(header.size(), header + std::string(body, '\0'));
}
std::string tensor(const std::string& name, const std::string& dtype, const std::string& shape,
                   const std::string& offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
}
std::string one(const std::string& shape, const std::string& offsets, const std::string& dtype = "F32") {
  return "{" + tensor("a", dtype, shape, offsets) + "}";
}

class SafetensorsFile : public testing::Test {
 protected:
  ~SafetensorsFile() override { fs::remove(file_); }

  void write(const std::string& bytes) const { std::ofstream(file_, std::ios::binary) << bytes; }
  Safetensors read(const std::string& bytes) const {
    write(bytes);
    return Safetensors(file_);
  }
  std::string refusal(const std::string& bytes) const {
    const std::string sentence = sentence_of([&] { read(bytes); });
    EXPECT_TRUE(sentence.starts_with(file_.string() + ": ")) << sentence;
    return sentence;
  }

  const fs::path file_ = fs::path(testing::TempDir()) / ("heddle_" + std::to_string(getpid()) + ".safetensors");
};

TEST_F(SafetensorsFile, EveryTypeAndShapeComesBack) {
  std::vector<NamedTensor> tensors;
  RandomStream random(RandomKey{.seed = 1});
  for (DType dtype :
       {DType::u8, DType::f64, DType::i8, DType::f32, DType::bf16, DType::u8, DType::i64, DType::f16, DType::i32})
    for (const Shape& shape :
         {Shape{3}, Shape{1}, Shape{2, 3}, Shape{0}, Shape{4, 0}, Shape{2, 1, 3}, Shape{1, 2, 3, 1}}) {
      Tensor t = Tensor::zeros(shape, dtype);
      for (int64_t i = 0; i < t.bytes(); ++i)
        static_cast<uint8_t*>(t.raw())[i] = static_cast<uint8_t>(random.below(256));
      tensors.push_back({"t \"" + std::to_string(tensors.size()) + "\" ü", t});
    }
  save_safetensors(file_, tensors);
  const Safetensors stored(file_);
  EXPECT_EQ(stored.names().size(), tensors.size());
  for (const NamedTensor& named : tensors) {
    const Tensor t = stored.at(named.name);
    EXPECT_EQ(t.dtype(), named.tensor.dtype());
    EXPECT_EQ(t.shape(), named.tensor.shape());
    EXPECT_EQ(std::memcmp(t.raw(), named.tensor.raw(), static_cast<size_t>(t.bytes())), 0) << named.name;
    EXPECT_EQ(reinterpret_cast<uintptr_t>(t.raw()) % static_cast<uintptr_t>(size_of(t.dtype())), 0u) << "aligned";
  }
  EXPECT_TRUE(contains(sentence_of([&] { stored.at("none"); }), "has no tensor none"));
}

TEST_F(SafetensorsFile, AGoodFileIsRead) {
  const Safetensors stored =
      read(file_of("{\"__metadata__\":{\"format\":\"pt\"}," + tensor("b", "F32", "[2]", "[4,12]") + "," +
                       tensor("a", "F32", "[]", "[0,4]") + "," + tensor("z", "F32", "[0]", "[4,4]") + "}   ",
                   12));
  EXPECT_EQ(stored.names(), (std::vector<std::string>{"a", "b", "z"}));
  EXPECT_EQ(stored.at("a").count(), 1);
  EXPECT_EQ(stored.at("z").count(), 0);
  EXPECT_TRUE(read(file_of("{}", 0)).names().empty());
}

TEST_F(SafetensorsFile, EveryTruncationIsRefused) {
  const std::string bytes = file_of(one("[2]", "[0,8]"), 8);
  for (size_t length = 0; length < bytes.size(); ++length) refusal(bytes.substr(0, length));
  EXPECT_NO_THROW(read(bytes));
}

TEST_F(SafetensorsFile, WhatFollowsTheTensorsIsRefused) {
  EXPECT_TRUE(contains(refusal(file_of(one("[2]", "[0,8]"), 9)), "1 bytes behind the last tensor"));
  EXPECT_TRUE(contains(refusal(file_of("{}", 1000)), "1000 bytes"));
}

TEST_F(SafetensorsFile, LyingHeaderLengthsAreRefused) {
  const std::string header = one("[2]", "[0,8]");
  for (uint64_t length : {uint64_t{0}, uint64_t{1}, header.size() - 1, header.size() + 1, header.size() + 9,
                          uint64_t{100'000'001}, uint64_t{1} << 31, uint64_t{1} << 60, UINT64_MAX - 7, UINT64_MAX})
    refusal(with_length(length, header + std::string(8, '\0')));
}

TEST_F(SafetensorsFile, RangesMustFitTheShapesWithoutOverlapOrHoles) {
  const auto two = [](const char* first, const char* second) {
    return "{" + tensor("a", "F32", "[2]", first) + "," + tensor("b", "F32", "[2]", second) + "}";
  };
  EXPECT_NO_THROW(read(file_of(two("[0,8]", "[8,16]"), 16)));
  EXPECT_TRUE(contains(refusal(file_of(two("[0,8]", "[0,8]"), 8)), "overlaps"));
  EXPECT_TRUE(contains(refusal(file_of(two("[0,8]", "[4,12]"), 12)), "overlaps"));
  EXPECT_TRUE(contains(refusal(file_of(two("[0,8]", "[12,20]"), 20)), "leaves a hole"));
  EXPECT_TRUE(contains(refusal(file_of(one("[2]", "[4,12]"), 12)), "leaves a hole"));
  for (const char* offsets : {"[8,0]", "[0,9]", "[0,4]", "[0,16]", "[-8,0]", "[0.0,8]", "[0,18446744073709551615]",
                              "[18446744073709551608,0]", "[0]", "[0,8,8]", "[]", "8", "null", "[null,8]",
                              "[\"0\",\"8\"]", "[0,1e1]", "[0,99999999999999999999]"})
    refusal(file_of(one("[2]", offsets), 8));
}

TEST_F(SafetensorsFile, ImpossibleShapesAreRefused) {
  for (const char* shape : {"[3]",
                            "[-2]",
                            "[-2,-1]",
                            "[2.0]",
                            "[\"2\"]",
                            "[null]",
                            "[[2]]",
                            "{}",
                            "2",
                            "null",
                            "[2,2]",
                            "[1,1,1,1,1,1,1,1,2]",
                            "[4611686018427387904,4]",
                            "[18446744073709551615]",
                            "[9223372036854775807,2]",
                            "[4294967296,4294967296]",
                            "[2147483648,2147483648,4]",
                            "[9223372036854775810]",
                            "[0,18446744073709551615]",
                            "[36893488147419103232]"})
    refusal(file_of(one(shape, "[0,8]"), 8));
}

TEST_F(SafetensorsFile, WrongEntriesAreRefused) {
  EXPECT_TRUE(contains(refusal(file_of(one("[2]", "[0,8]", "F33"), 8)), "unknown dtype F33"));
  EXPECT_TRUE(contains(refusal(file_of(one("[2]", "[0,8]", "f32"), 8)), "unknown dtype"));
  EXPECT_TRUE(contains(refusal(file_of(one("[2]", "[0,8]", "F16"), 8)), "does not fit its shape"));
  for (const char* entry : {"{}", "[]", "1", "null", "\"F32\"", R"({"dtype":1,"shape":[2],"data_offsets":[0,8]})",
                            R"({"dtype":"F32","shape":[2]})", R"({"dtype":"F32","data_offsets":[0,8]})",
                            R"({"shape":[2],"data_offsets":[0,8]})"})
    EXPECT_TRUE(contains(refusal(file_of(std::string("{\"a\":") + entry + "}", 8)), "the tensor a"));
  for (const char* metadata : {"1", "[]", "{\"format\":1}", "null"})
    EXPECT_TRUE(contains(refusal(file_of(std::string("{\"__metadata__\":") + metadata + "}", 0)), "__metadata__"));
}

TEST_F(SafetensorsFile, HeadersThatAreNoObjectAreRefused) {
  for (const char* header :
       {"[]", "[1,2", "1", "null", "\"x\"", " {}", "{\"a\":1,}", "{}{}", "\xEF\xBB\xBF{}", "{\"\xFF\":1}"})
    refusal(file_of(header, 8));
}

TEST_F(SafetensorsFile, NamesGivenTwiceAreRefused) {
  const std::string a = tensor("a", "F32", "[2]", "[0,8]");
  EXPECT_TRUE(contains(refusal(file_of("{" + a + "," + a + "}", 8)), "\"a\" twice"));
  EXPECT_TRUE(
      contains(refusal(file_of("{" + a + "," + tensor("\\u0061", "F32", "[2]", "[8,16]") + "}", 16)), "\"a\" twice"));
}

TEST_F(SafetensorsFile, DeepNestingIsRefused) {
  for (const std::string& open : {std::string("["), std::string("{\"a\":")}) {
    std::string header = "{\"a\":{\"shape\":";
    for (int i = 0; i < 500'000; ++i) header += open;
    EXPECT_TRUE(contains(refusal(file_of(header, 8)), "nested more than"));
  }
}

TEST_F(SafetensorsFile, NothingIsAllocatedOnAFilesWord) {
  const int64_t before = peak_rss_bytes();
  for (const char* shape : {"[1099511627776]", "[1048576,1048576]", "[4294967295]"})
    for (const char* offsets : {"[0,8]", "[0,4398046511104]"}) refusal(file_of(one(shape, offsets), 8));
  refusal(with_length(99'999'999, "{}"));
  EXPECT_LT(peak_rss_bytes() - before, 16 << 20);
}

TEST_F(SafetensorsFile, ManyTensorsTakeTimeInProportion) {
  std::string header = "{";
  constexpr int kCount = 100'000;
  for (int i = 0; i < kCount; ++i)
    header += (i ? "," : "") +
              tensor("t" + std::to_string(i), "U8", "[1]", "[" + std::to_string(i) + "," + std::to_string(i + 1) + "]");
  const double start = steady_seconds();
  EXPECT_EQ(read(file_of(header + "}", kCount)).names().size(), static_cast<size_t>(kCount));
  EXPECT_LT(steady_seconds() - start, 10.0);
}

TEST_F(SafetensorsFile, ChangedBytesNeverCrash) {
  const std::string good =
      file_of("{" + tensor("a", "F32", "[2]", "[0,8]") + "," + tensor("b", "U8", "[2,2]", "[8,12]") + "}", 12);
  RandomStream random(RandomKey{.seed = 2});
  for (int i = 0; i < 2000; ++i) {
    std::string changed = good;
    for (uint64_t k = 0; k <= random.below(3); ++k)
      changed[random.below(good.size())] = static_cast<char>(random.below(256));
    try {
      const Safetensors stored = read(changed);
      uint64_t sum = 0;
      for (const std::string& name : stored.names())
        for (int64_t byte = 0; byte < stored.at(name).bytes(); ++byte)
          sum += static_cast<uint8_t*>(stored.at(name).raw())[byte];
      EXPECT_LE(sum, 12u * 255);
    } catch (const InputError&) {
    }
  }
}

TEST_F(SafetensorsFile, WhatIsNoFileIsASentence) {
  EXPECT_TRUE(contains(sentence_of([&] { Safetensors stored(file_); }), "cannot open"));
  EXPECT_TRUE(contains(sentence_of([&] { Safetensors stored(file_.parent_path()); }), "no regular file"));
  EXPECT_TRUE(contains(refusal(""), "only 0 bytes"));
}

}  // namespace
}  // namespace heddle::model
