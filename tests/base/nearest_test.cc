#include "heddle/base/nearest.h"

#include <gtest/gtest.h>

namespace heddle {
namespace {

TEST(Nearest, FindsTheNameThatWasMeant) {
  const std::vector<std::string> valid = {"width", "heads", "dropout", "encoder_layers", "decoder_layers", "ffn"};
  EXPECT_EQ(nearest_name("widht", valid), "width");
  EXPECT_EQ(nearest_name("head", valid), "heads");
  EXPECT_EQ(nearest_name("drop_out", valid), "dropout");
  EXPECT_EQ(nearest_name("decoder_layer", valid), "decoder_layers");
  EXPECT_EQ(nearest_name("encoderlayer", valid), "encoder_layers");
  EXPECT_EQ(nearest_name("fnn", valid), "ffn");
  EXPECT_EQ(nearest_name("width", valid), "width");
}

TEST(Nearest, SaysNothingWhenNothingIsNear) {
  EXPECT_EQ(nearest_name("quetzalcoatl", {"width", "heads"}), "");
  EXPECT_EQ(nearest_name("ab", {"cd"}), "");
  EXPECT_EQ(nearest_name("a", {"b"}), "");
  EXPECT_EQ(nearest_name("", {"a", "ab"}), "");
  EXPECT_EQ(nearest_name("width", {}), "");
  EXPECT_EQ(nearest_name(std::string(10'000'000, 'x'), {"width"}), "");
}

}  // namespace
}  // namespace heddle
