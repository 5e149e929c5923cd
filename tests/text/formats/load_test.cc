// Files of every form are told apart and read; what is wrong in them is a sentence with file and line.

#include "heddle/text/formats/load.h"

#include <gtest/gtest.h>

#include <fstream>

#include "heddle/base/error.h"
#include "heddle/text/byte_level.h"
#include "heddle/text/formats/tiktoken.h"
#include "heddle/text/json/base64.h"
#include "heddle/text/pre_tokenizers/known_patterns.h"

namespace heddle::text {
namespace {

namespace fs = std::filesystem;
using Ids = std::vector<int32_t>;

class Load : public testing::Test {
 protected:
  Load() {
    std::string pattern = (fs::temp_directory_path() / "heddle-load-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~Load() override { fs::remove_all(folder_); }
  fs::path write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return folder_ / name;
  }
  // What loading says, after the folder's name.
  std::string sentence(const fs::path& path, const LoadOptions& options = {}) const {
    try {
      load_tokenizer(path, options);
      return "";
    } catch (const InputError& error) {
      const std::string said = error.what(), folder = folder_.string() + "/";
      return said.starts_with(folder) ? said.substr(folder.size()) : said;
    }
  }
  static std::string vocab_json(const std::string& more) {
    std::string json = "{";
    for (int byte = 0; byte < 256; ++byte) {
      const std::string token = bytes_to_characters(std::string(1, static_cast<char>(byte)));
      json += (byte > 0 ? ",\"" : "\"") + std::string(token == "\"" || token == "\\" ? "\\" : "") + token +
              "\":" + std::to_string(byte);
    }
    return json + more + "}";
  }
  static std::string ranks(const std::string& more = "") {
    std::string text;
    for (int byte = 0; byte < 256; ++byte)
      text += to_base64(std::string(1, static_cast<char>(byte))) + " " + std::to_string(byte) + "\n";
    return text + more;
  }

  fs::path folder_;
};

constexpr const char* kBert = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\ndog\n##s\nä\n";

TEST_F(Load, VocabTxtIsBert) {
  const Tokenizer tokenizer = Tokenizer::load(write("vocab.txt", kBert));
  EXPECT_EQ(tokenizer.encode("The DOGS [MASK] x"), (Ids{2, 5, 6, 7, 4, 1, 3}));
  EXPECT_EQ(tokenizer.decode(Ids{2, 5, 6, 7, 3}), "the dogs");
  EXPECT_EQ(Tokenizer::load(folder_).encode("the dog"), (Ids{2, 5, 6, 3}));
  EXPECT_EQ(load_tokenizer(folder_, {.lowercase = false}).encode("The dog"), (Ids{2, 1, 6, 3}));
  // A capital letter in a token: text keeps its case. CR LF and a missing end of line do not matter.
  EXPECT_EQ(Tokenizer::load(write("vocab.txt", "[UNK]\r\nThe\r\nthe")).encode("The the"), (Ids{1, 2}));
}

TEST_F(Load, VocabTxtLeavesIdsFree) {
  const Tokenizer tokenizer = Tokenizer::load(write("vocab.txt", "[UNK]\na\n\nb\na\n"));
  EXPECT_EQ(tokenizer.encode("a b"), (Ids{4, 3}));
  EXPECT_EQ(Tokenizer::from_json(tokenizer.to_json(), "written").encode("a b"), (Ids{4, 3}));
}

TEST_F(Load, BadVocabTxtIsASentence) {
  EXPECT_NE(sentence(write("vocab.txt", "a\nb\n")).find("none of its 2 lines is \"[UNK]\""), std::string::npos);
  EXPECT_EQ(sentence(write("vocab.txt", "[UNK]\n\xFF\n")), "vocab.txt:2: this is no text in UTF-8");
  EXPECT_EQ(sentence(write("vocab.txt", std::string("[UNK]\na\0b\n", 10))), "vocab.txt:2: there is a zero byte");
}

TEST_F(Load, VocabAndMergesAreGpt2) {
  write("vocab.json", vocab_json(R"(,"ab":256,"abc":257,"<|endoftext|>":258)"));
  write("merges.txt", "#version: 0.2\na b\nab c\n");
  for (const fs::path& path : {folder_, folder_ / "vocab.json", folder_ / "merges.txt"}) {
    const Tokenizer tokenizer = Tokenizer::load(path);
    EXPECT_EQ(tokenizer.encode("abc ab<|endoftext|>"), (Ids{257, 32, 256, 258}));
    EXPECT_EQ(tokenizer.decode(Ids{257, 32, 256}), "abc ab");
  }
}

TEST_F(Load, RobertaHasItsSurroundings) {
  write("vocab.json", vocab_json(R"(,"<s>":256,"</s>":257,"<mask>":258)"));
  write("merges.txt", "");
  EXPECT_EQ(Tokenizer::load(folder_).encode("a <mask>"), (Ids{256, 'a', 258, 257}));
}

TEST_F(Load, BadMergesAreSentences) {
  write("vocab.json", vocab_json(R"(,"ab":256)"));
  EXPECT_NE(sentence(folder_ / "vocab.json").find("merges.txt is not there"), std::string::npos);
  const auto says = [&](const std::string& merges) { return sentence(write("merges.txt", merges)); };
  EXPECT_EQ(says("#version: 0.2\na b\nab c\n"),
            "merges.txt:3: this merge needs the token \"abc\", which the vocabulary lacks");
  EXPECT_EQ(says("xy a\n"), "merges.txt:1: this merge needs the token \"xy\", which the vocabulary lacks");
  for (const char* bad : {"a\n", "a b c\n", " a\n", "a \n"})
    EXPECT_EQ(says(bad), "merges.txt:1: a merge is two tokens with a space between") << bad;
  write("vocab.json", R"({"a":0,"日":1})");
  EXPECT_NE(says("").find("not made of byte-level characters"), std::string::npos);
  write("vocab.json", R"({"a":0,"b":0})");
  EXPECT_NE(says("").find("share the id 0"), std::string::npos);
  write("vocab.json", R"({"a":2000000000})");
  EXPECT_NE(says("").find("vocab.json"), std::string::npos);
}

TEST_F(Load, RankFilesAreByteLevelBpe) {
  const std::string more = to_base64("ab") + " 256\n" + to_base64("abc") + " 300\n" + to_base64("bc") + " 257\n" +
                           to_base64("xyz") + " 258\n";
  const Tokenizer tokenizer = Tokenizer::load(write("cl100k_base.tiktoken", ranks(more)));
  EXPECT_EQ(tokenizer.encode("abcabc bc"), (Ids{300, 300, 32, 257}));
  EXPECT_EQ(tokenizer.encode("xyz"), (Ids{258}));  // nothing joins to it, but a piece that is a token is that token
  EXPECT_EQ(tokenizer.encode("xyza"), (Ids{'x', 'y', 'z', 'a'}));
  EXPECT_EQ(Tokenizer::load(folder_).encode("xyz"), (Ids{258}));
  const Tokenizer special = load_tokenizer(folder_, {.encoding = "llama3", .special_tokens = {"<|begin|>", "<|end|>"}});
  EXPECT_EQ(special.id_of("<|end|>"), 302);
  EXPECT_EQ(special.decode(Ids{301, 'a'}), "a");
  EXPECT_NE(special.encode("<|end|>"), (Ids{302}));  // as encode_ordinary()
  EXPECT_EQ(Tokenizer::from_json(special.to_json(), "written").id_of("<|end|>"), 302);
}

TEST_F(Load, BadRankFilesAreSentences) {
  const auto says = [&](const std::string& text) { return sentence(write("r50k_base.tiktoken", text)); };
  EXPECT_EQ(says(ranks("YWI= x\n")), "r50k_base.tiktoken:257: \"x\" is no rank");
  EXPECT_EQ(says(ranks("YWI= -1\n")), "r50k_base.tiktoken:257: \"-1\" is no rank");
  EXPECT_EQ(says(ranks("YWI= 99999999999\n")), "r50k_base.tiktoken:257: \"99999999999\" is no rank");
  EXPECT_NE(says(ranks("YWI= 999999\n")).find("257: the rank 999999 is far above"), std::string::npos);
  EXPECT_EQ(says(ranks("YWI= 7\n")), "r50k_base.tiktoken:257: the rank 7 stands in line 8 already");
  EXPECT_EQ(says(ranks("YQ== 256\n")), "r50k_base.tiktoken:257: this token stands in line 98 already");
  EXPECT_NE(says(ranks("YWI\n")).find(":257: expected a token in base 64"), std::string::npos);
  EXPECT_NE(says(ranks("Y.I= 256\n")).find(":257: character 1 is no base 64"), std::string::npos);
  EXPECT_NE(says("YWI= 0\n").find("the byte 0 is no token"), std::string::npos);
  EXPECT_NE(sentence(write("mine.tiktoken", ranks())).find("--encoding NAME"), std::string::npos);
}

TEST_F(Load, OtherThingsAreSentences) {
  EXPECT_NE(sentence(folder_).find("holds no tokenizer"), std::string::npos);
  EXPECT_NE(sentence(write("tokenizer.json", "")).find("tokenizer.json"), std::string::npos);
  EXPECT_NE(sentence(write("x", "\n\n")).find("x"), std::string::npos);
  EXPECT_NE(sentence(write("x.model", "\x0A\x05")).find("x.model"), std::string::npos);
  EXPECT_NE(sentence(folder_ / "absent").find("absent"), std::string::npos);
}

// A name for every well-known file, and its pattern.
TEST(Tiktoken, EncodingsNameKnownPatterns) {
  for (const TiktokenEncoding& encoding : tiktoken_encodings())
    EXPECT_TRUE(std::ranges::count(known_patterns(), std::string_view(encoding.known_pattern), &KnownPattern::name))
        << encoding.name;
}

}  // namespace
}  // namespace heddle::text
