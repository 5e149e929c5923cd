// What a SentencePiece model file may get wrong, and parts of its ways that the peer's answers do not single out.

#include "heddle/text/formats/sentencepiece.h"

#include <gtest/gtest.h>

#include <bit>
#include <set>

#include <fmt/format.h>

#include "heddle/base/error.h"

namespace heddle::text {
namespace {

using Kind = SentencePiece::Kind;

std::string varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}

std::string field(int number, std::string_view content) {
  return varint(static_cast<uint64_t>(number) << 3 | 2) + varint(content.size()) + std::string(content);
}

std::string field(int number, uint64_t value) { return varint(static_cast<uint64_t>(number) << 3) + varint(value); }

std::string field(int number, float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  std::string bytes = varint(static_cast<uint64_t>(number) << 3 | 5);
  for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(bits >> shift & 255);
  return bytes;
}

std::string piece(std::string_view text, float score = 0, Kind kind = Kind::normal) {
  return field(1, field(1, text) + field(2, score) + field(3, static_cast<uint64_t>(kind)));
}

std::string unk() { return piece("<unk>", 0, Kind::unknown); }
std::string trainer(const std::string& fields) { return field(2, fields); }
std::string bpe() { return trainer(field(3, uint64_t{2})); }
// Text as it is: no dummy prefix, all spaces stay.
std::string plain() { return field(3, field(3, uint64_t{0}) + field(4, uint64_t{0})); }

Tokenizer load(const std::string& bytes) { return tokenizer_of_sentencepiece(bytes, "spm.model"); }

std::string sentence(const std::string& bytes) {
  try {
    load(bytes);
    return "";
  } catch (const InputError& error) {
    return error.what();
  }
}

using Ids = std::vector<int32_t>;

TEST(SentencePiece, BadFilesAreSentences) {
  const auto says = [](const std::string& bytes, const std::string& part) {
    const std::string said = sentence(bytes);
    EXPECT_TRUE(said.starts_with("spm.model: ")) << said;
    EXPECT_NE(said.find(part), std::string::npos) << said;
  };
  says("", "no pieces");
  says(piece("a"), "none of the 1 pieces is of the unknown kind");
  says(unk(), "no piece can stand for a part of a text");
  says(unk() + piece("b") + piece("", 0), "piece 2 is empty");
  says(unk() + piece("a") + piece("a"), "pieces 1 and 2 are both \"a\"");
  says(unk() + piece("<unk>"), "pieces 0 and 1 are both \"<unk>\"");
  says(unk() + piece("a") + piece("b", 0, Kind::unknown), "both of the unknown kind");
  says(unk() + piece(std::string_view("a\0b", 3)), "zero byte");
  says(unk() + piece(std::string(2000, 'a')), "2000 bytes");
  says(unk() + piece("\xFF"), "UTF-8");
  says(unk() + piece("a", std::numeric_limits<float>::quiet_NaN()), "no number");
  says(unk() + piece("a", std::numeric_limits<float>::infinity()), "no number");
  says(unk() + piece("a") + piece("<0x41>", 0, Kind::byte), "no byte_fallback");
  const std::string bytes = trainer(field(35, uint64_t{1}));
  says(unk() + piece("a") + bytes, "no piece \"<0x00>\"");
  says(unk() + piece("a") + piece("<0xZZ>", 0, Kind::byte) + bytes, "names none");
  says(unk() + piece("a", 0, static_cast<Kind>(9)), "of the kind 9");
  says(unk() + piece("a") + trainer(field(3, uint64_t{3})), "type word");
  says(unk() + piece("a") + trainer(field(3, uint64_t{77})), "model type is 77");
  says(unk() + piece("a") + trainer(field(3, "text")), "trainer_spec: field 3");
  says(unk() + piece("a") + field(3, field(2, "ab")), "character map");
  says(unk() + piece("a") + field(5, field(2, "abc")), "denormalizer_spec");
}

TEST(SentencePiece, EveryCutOffFileIsASentenceOrAShorterModel) {
  const std::string whole =
      unk() + piece("a", -1) + piece("b", -2) + bpe() + plain() + field(2000, "what is not known");
  EXPECT_EQ(load(whole).encode("ab"), (Ids{1, 2}));
  for (size_t size = 0; size < whole.size(); ++size) {
    const std::string said = sentence(whole.substr(0, size));
    EXPECT_TRUE(said.empty() || said.starts_with("spm.model: ")) << size << ": " << said;
  }
}

TEST(SentencePiece, LyingSizesAreSentences) {
  const std::string good = unk() + piece("a");
  const auto says = [&](const std::string& more, const std::string& part) {
    const std::string said = sentence(good + more);
    EXPECT_NE(said.find(part), std::string::npos) << said;
  };
  says(varint(1 << 3 | 2) + varint(UINT64_MAX), "the file is cut off or damaged");
  says(varint(1 << 3 | 2) + varint(100), "says that it has 100 bytes, 0 are left");
  says(varint(1 << 3 | 3), "unknown kind 3");
  says(varint(0), "a field with the number 0");
  says(varint(uint64_t{1} << 40), "this is no protobuf message");
  says(std::string(12, '\xFF'), "more than ten bytes");
  says(varint(2 << 3) + varint(5), "field 2 has a value of kind 0, expected kind 2");
}

TEST(SentencePiece, PiecesJoinLeftmostFirstFromAnyHalves) {
  // "aaa" is made of "aa" and "a" in both ways at one rank.
  const Tokenizer tokenizer = load(unk() + piece("a", -9) + piece("aa", -1) + piece("aaa", -2) + piece("b", -9) +
                                   piece("ab", -0.5F) + bpe() + plain());
  EXPECT_EQ(tokenizer.encode("aaaaa"), (Ids{2, 3}));
  EXPECT_EQ(tokenizer.encode("aaab"), (Ids{2, 5}));
}

TEST(SentencePiece, ControlPiecesAreFoundInNoText) {
  const Tokenizer tokenizer =
      load(unk() + piece("<s>", 0, Kind::control) + piece("<", -1) + piece("s", -1) + piece(">", -1) + bpe() + plain());
  EXPECT_EQ(tokenizer.encode("<s>"), (Ids{2, 3, 4}));
  EXPECT_EQ(tokenizer.decode(Ids{1, 3}), "s");
  EXPECT_EQ(tokenizer.decode(Ids{1, 3}, false), "<s>s");
  EXPECT_EQ(tokenizer.begin_id(), 1);
  EXPECT_EQ(Tokenizer::from_json(tokenizer.to_json(), "written").encode("<s>"), (Ids{2, 3, 4}));
}

// Cut before words or not, the ids are the same: a piece that reaches over a space forbids cutting.
TEST(SentencePiece, PiecesOverSpacesAreFound) {
  const std::string pieces = unk() + piece("a", -9) + piece("▁", -9) + piece("b", -9) + piece("a▁", -2);
  EXPECT_EQ(load(pieces + bpe() + plain()).encode("a b"), (Ids{4, 3}));
  EXPECT_EQ(load(pieces + piece("a▁b", -3) + bpe() + plain()).encode("a b"), (Ids{5}));
}

TEST(SentencePiece, BytesStandInForAnUnknownPiece) {
  std::string bytes = piece("a");
  for (int byte = 0; byte < 256; ++byte) bytes += piece(fmt::format("<0x{:02X}>", byte), 0, Kind::byte);
  const std::string fallback = field(35, uint64_t{1});
  for (const std::string& type : {trainer(fallback), trainer(field(3, uint64_t{2}) + fallback)})
    EXPECT_EQ(load(bytes + type + plain()).encode("aé"), (Ids{0, 1 + 0xC3, 1 + 0xA9}));
}

TEST(SentencePiece, UnusedIdsMayBeFilled) {
  const std::string filler = piece(std::string_view("\0", 1), 0, Kind::unused);
  EXPECT_EQ(load(unk() + filler + filler + piece("a") + bpe() + plain()).encode(std::string_view("a\0", 2)),
            (Ids{3, 0}));
}

// Sums of scores begin anew at 100,000; what was added before no longer counts.
TEST(SentencePiece, SumsBeginAnew) {
  const Tokenizer tokenizer = load(unk() + piece("a", -60000) + piece("aa", -90000) + plain());
  EXPECT_EQ(tokenizer.encode("aaaaaaa"), (Ids{1, 2, 2, 2}));
}

TEST(SentencePiece, LongTextsAreCutInTime) {
  const std::string pieces = unk() + piece("a", -1) + piece("aa", -1.5F) + piece("aaaa", -2) + piece("▁", -3);
  const std::string text(1 << 20, 'a');
  EXPECT_EQ(load(pieces + plain()).encode(text).size(), text.size() / 4);
  EXPECT_EQ(load(pieces + bpe() + plain()).encode(text).size(), text.size() / 4);
}

// Texts cut at random are other ways to cut the same text; without dropout they are the one way.
TEST(SentencePiece, WordsAreCutAtRandom) {
  const std::string pieces = unk() + piece("a", -2) + piece("aa", -3) + piece("b", -2) + piece("▁", -1) +
                             piece("▁a", -2.5F) + piece("ab", -2.5F);
  const std::string text = "aaab baab a";
  for (const Tokenizer& tokenizer : {load(pieces + plain()), load(pieces + bpe() + plain())}) {
    RandomStream random(RandomKey{.seed = 3});
    EXPECT_EQ(tokenizer.sample(text, {.dropout = 0}, random), tokenizer.encode(text));
    std::set<Ids> ways;
    for (int i = 0; i < 50; ++i) {
      ways.insert(tokenizer.sample(text, {.dropout = 0.5, .nbest = i % 2 * 3}, random));
      EXPECT_EQ(tokenizer.decode(*ways.rbegin()), text);
    }
    EXPECT_GT(ways.size(), 5u);
  }
}

TEST(SentencePiece, OtherFilesDoNotLookLikeOne) {
  EXPECT_TRUE(looks_like_sentencepiece(unk() + piece("a")));
  for (const char* text : {"", "{\"model\": {}}", "[PAD]\n[UNK]\n", "#version: 0.2\na b\n", "IQ== 0\n", "\n\n"})
    EXPECT_FALSE(looks_like_sentencepiece(text)) << text;
}

}  // namespace
}  // namespace heddle::text
