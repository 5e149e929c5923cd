#include "heddle/ops/einsum/expression.h"

#include <gtest/gtest.h>

#include "heddle/base/error.h"
#include "heddle/ops/einsum/indices.h"

namespace heddle::ops {
namespace {

std::string problem(std::string_view text, const std::vector<Sizes>& shapes) {
  try {
    bind_einsum(parse_einsum(text), shapes);
  } catch (const InputError& error) {
    return error.what();
  }
  return "none";
}

TEST(EinsumExpression, ReadsTermsAndResult) {
  const EinsumExpression e = parse_einsum(" b q...d, b k ... d -> b...q k");
  ASSERT_EQ(e.operands.size(), 2u);
  EXPECT_EQ(e.operands[0].letters, "bqd");
  EXPECT_EQ(e.operands[0].ellipsis, 2);
  EXPECT_EQ(e.operands[1].at[1], 12u);
  EXPECT_EQ(e.output.letters, "bqk");
  EXPECT_EQ(e.output.ellipsis, 1);
}

TEST(EinsumExpression, MakesTheResultThatIsNotWritten) {
  EXPECT_EQ(parse_einsum("ij,jk").output.letters, "ik");
  EXPECT_EQ(parse_einsum("ba").output.letters, "ab");
  EXPECT_EQ(parse_einsum("ii").output.letters, "");
  EXPECT_EQ(parse_einsum("bA...").output.letters, "Ab");
  EXPECT_EQ(parse_einsum("bA...").output.ellipsis, 0);
  EXPECT_EQ(parse_einsum("ij->").output.letters, "");
  EXPECT_EQ(parse_einsum(",").operands.size(), 2u);
}

TEST(EinsumExpression, PointsAtWhatItCannotRead) {
  const struct {
    const char* text;
    const char* sentence;
  } cases[] = {
      {"ij,jk->iq", "einsum \"ij,jk->iq\", character 9: the index 'q' of the result stands in no operand"},
      {"ij->ii", "character 6: the index 'i' stands twice in the result"},
      {"i...j...->i", "character 6: a second ellipsis in one term"},
      {"i..j", "character 2: an ellipsis is three dots"},
      {"i-j", "character 3: expected '>' after '-'"},
      {"ij->i,j", "character 6: a comma behind \"->\""},
      {"ij->i->j", "character 6: a second \"->\""},
      {"i1->i", "character 2: \"1\" is no index"},
      {"aé->a", "character 2: \"é\" is no index"},
  };
  for (const auto& c : cases) {
    const std::string found = problem(c.text, {});
    EXPECT_NE(found.find(c.sentence), std::string::npos) << found;
  }
  EXPECT_NE(problem(std::string(1 << 20, 'i'), {}), "none");
  EXPECT_NE(problem(std::string(300, ','), {}).find("at most 128 are joined"), std::string::npos);
}

TEST(EinsumIndices, NamesTheIndexWhoseSizesDiffer) {
  EXPECT_NE(problem("ij,jk->ik", {{2, 3}, {4, 5}})
                .find("character 4: the index 'j' has size 4 in operand 2, but 3 in operand 1"),
            std::string::npos);
  EXPECT_NE(problem("ii->i", {{2, 3}}).find("character 2: the index 'i' has size 3 in operand 1, but 2 in operand 1"),
            std::string::npos);
  EXPECT_NE(problem("ij,jk->ik", {{2, 3}}).find("has 2 operands, but 1 tensors were given"), std::string::npos);
  EXPECT_NE(
      problem("ij->i", {{2, 3, 4}}).find("character 1: operand 1 has 3 dimensions [2, 3, 4], but its term names 2"),
      std::string::npos);
  EXPECT_NE(problem("...ijk->i", {{2, 3}}).find("names 3 beside the ellipsis"), std::string::npos);
  EXPECT_NE(problem("...i,...i->...", {{2, 3, 4}, {5, 4}})
                .find("dimension 1 from the right of the ellipsis has size 5 in operand 2, but 3 in operand 1"),
            std::string::npos);
  EXPECT_NE(problem("i,i->i", {{1}, {3}}), "none") << "letters do not stretch";
  EXPECT_NE(problem("...", {Sizes(70, 1)}).find("more than 64 different indices"), std::string::npos);
}

TEST(EinsumIndices, EllipsesLineUpFromTheRightAndStretch) {
  const std::vector<Sizes> shapes = {{7, 1, 5, 3}, {4, 1, 3}};
  const EinsumIndices bound = bind_einsum(parse_einsum("...d,...d->...d"), shapes);
  EXPECT_EQ(bound.output.size(), 4u);
  Sizes sizes;
  for (const int index : bound.output) sizes.push_back(bound.sizes[static_cast<size_t>(index)]);
  EXPECT_EQ(sizes, (Sizes{7, 4, 5, 3}));
  EXPECT_EQ(bound.operands[0][1], -1);
  EXPECT_EQ(bound.operands[1][1], -1);
}

}  // namespace
}  // namespace heddle::ops
