#include "tests/app/program.h"

namespace heddle::app {
namespace {

TEST(EinsumCommand, PrintsPlanAndCost) {
  const Folder folder;
  const Finished text = run(folder, {"einsum", "ij,jk->ik", "--shapes", "2x3,3x4"});
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_EQ(text.out,
            "ij,jk->ik\n  i=2 j=3 k=4\n"
            "  step 1: operand 1[ij], operand 2[jk] -> [ik]: [2, 3]·[3, 4]; 24 multiply-adds, 8 elements\n"
            "  24 multiply-adds (left to right 24, all at once 24); at most 8 elements of results at once\n");
  const Finished json = run(folder, {"einsum", ",i->", "--shapes", ",5", "--json"});
  EXPECT_NE(json.out.find("\"multiply_adds\":6.0"), std::string::npos) << json.out;  // five sums, one product
}

TEST(EinsumCommand, PointsAtMistakes) {
  const Folder folder;
  const auto problem = [&](const std::string& expression, const std::string& shapes) {
    const Finished finished = run(folder, {"einsum", expression, "--shapes", shapes});
    EXPECT_EQ(finished.code, 2);
    return finished.err;
  };
  EXPECT_NE(problem("ij,jk->iq", "2x3,3x4").find("character 9: the index 'q'"), std::string::npos);
  EXPECT_NE(problem("ij,jk->ik", "2x3,5x4").find("the index 'j' has size 5 in operand 2"), std::string::npos);
  EXPECT_NE(problem("ij", "2xy").find("\"y\" is no size"), std::string::npos);
  EXPECT_NE(problem("ij", "2x").find("\"\" is no size"), std::string::npos);
  EXPECT_NE(problem("i", "99999999999999999999").find("is no size"), std::string::npos);
}

}  // namespace
}  // namespace heddle::app
