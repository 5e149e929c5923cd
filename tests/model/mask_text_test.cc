#include "heddle/model/mask_text.h"

#include <gtest/gtest.h>

namespace heddle::model {
namespace {

using kernels::KeyRange;
using kernels::Mask;

TEST(MaskText, EveryValueIsWrittenByItsName) {
  EXPECT_EQ(mask_from_text("full"), Mask::full());
  EXPECT_EQ(mask_from_text(" causal "), Mask::causal());
  EXPECT_EQ(mask_from_text("window(3)"), Mask::window(3));
  EXPECT_EQ(mask_from_text("dilated( 2 )"), Mask::dilated(2));
  EXPECT_EQ(mask_from_text("prefix(0)"), Mask::prefix(0));
  EXPECT_EQ(mask_from_text("block(16)"), Mask::block(16));
  EXPECT_EQ(mask_from_text("diagonal"), Mask::diagonal());
  EXPECT_EQ(mask_from_text("global(4)"), Mask::global(4));
  EXPECT_EQ(mask_from_text("block_sparse(64, 3)"), Mask::block_sparse(64, 3));
  EXPECT_EQ(mask_from_text("block_sparse(64,3,7)"), Mask::block_sparse(64, 3, 7));
  EXPECT_EQ(mask_from_text("document"), Mask::document());
  EXPECT_EQ(mask_from_text("padding"), Mask::padding());
  const KeyRange keys[] = {{0, 1}, {5, 6}, {9, 13}};
  EXPECT_EQ(mask_from_text("arbitrary(0, 5, 9..12)"), Mask::arbitrary(keys));
  EXPECT_EQ(mask_from_text("arbitrary()"), Mask::arbitrary({}));
  EXPECT_EQ(mask_from_text("bias(window(3), -1.5)"), Mask::bias(Mask::window(3), -1.5));
}

TEST(MaskText, OperatorsBindInOrder) {
  const Mask a = Mask::causal(), b = Mask::window(4), c = Mask::diagonal();
  EXPECT_EQ(mask_from_text("causal | window(4) & ~diagonal"), a | (b & ~c));
  EXPECT_EQ(mask_from_text("(causal | window(4)) & diagonal"), (a | b) & c);
  EXPECT_EQ(mask_from_text("~(causal & window(4))"), ~(a & b));
  EXPECT_EQ(mask_from_text("causal & bias(~window(4) | diagonal, 2)"), a & Mask::bias(~b | c, 2));
}

TEST(MaskText, WhatIsNoMaskIsRefusedWithItsPlace) {
  const auto sentence = [](std::string_view text) -> std::string {
    try {
      mask_from_text(text);
    } catch (const InputError& error) {
      return error.what();
    }
    return "no error";
  };
  const auto expect = [&](std::string_view text, std::string_view part) {
    EXPECT_NE(sentence(text).find(part), std::string::npos) << text << ": " << sentence(text);
  };
  expect("", "choose full");
  expect("window(0)", "from 1");
  expect("window(99999999999)", "whole number");
  expect("block_sparse(8)", "expected ,");
  expect("block_sparse(8, 65)", "from 0 to 64");
  expect("arbitrary(5..3)", "from 5");
  expect("arbitrary(-1)", "from 0");
  expect("arbitrary(1, )", "whole number");
  expect("bias(causal)", "expected ,");
  expect("bias(causal, much)", "expected a number");
  expect("bias(causal, nan)", "expected a number");
  expect("bias(causal, 1e9)", "expected a number");
  expect("causal | bias(full, 1)", "character 23");
  expect("~bias(full, 1)", "opposite");
  expect("bias(bias(full, 1), 1)", "side by side");
  expect("causal causal", "expected &");
  std::string deep(100, '(');
  expect(deep, "too deeply");
  std::string many = "causal";
  for (int i = 0; i < 20; ++i) many += " & causal";
  expect(many, "too many parts");
}

}  // namespace
}  // namespace heddle::model
