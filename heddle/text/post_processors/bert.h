#pragma once
// [CLS] first [SEP] second [SEP] of BERT (Devlin et al. 2019), and <s> first </s></s> second </s> of RoBERTa (Liu et
// al. 2019).

#include <string>

#include "heddle/text/post_processors/post_processor.h"

namespace heddle::text {

struct SpecialToken {
  std::string token;
  int32_t id;
};

class BertProcessing : public PostProcessor {
 public:
  BertProcessing(SpecialToken sep, SpecialToken cls) : sep_(std::move(sep)), cls_(std::move(cls)) {}
  size_t added_tokens(bool pair) const override { return pair ? 3 : 2; }
  std::vector<Encoding> process(std::vector<Encoding> parts, bool add_special_tokens) const override;
  void write(JsonWriter& json) const override;

 private:
  SpecialToken sep_, cls_;
};

class RobertaProcessing : public PostProcessor {
 public:
  RobertaProcessing(SpecialToken sep, SpecialToken cls, bool trim_offsets, bool add_prefix_space)
      : sep_(std::move(sep)), cls_(std::move(cls)), trim_offsets_(trim_offsets), add_prefix_space_(add_prefix_space) {}
  size_t added_tokens(bool pair) const override { return pair ? 4 : 2; }
  // All types are 0.
  std::vector<Encoding> process(std::vector<Encoding> parts, bool add_special_tokens) const override;
  void write(JsonWriter& json) const override;

 private:
  SpecialToken sep_, cls_;
  bool trim_offsets_, add_prefix_space_;
};

}  // namespace heddle::text
