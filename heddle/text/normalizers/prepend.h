#pragma once
// Something before every text that is not empty, such as the "▁" of SentencePiece.

#include "heddle/text/normalizers/normalizer.h"

#include <string>

namespace heddle::text {

class Prepend : public Normalizer {
 public:
  explicit Prepend(std::string prefix) : prefix_(std::move(prefix)) {}
  void apply(AlignedText& text) const override;
  void write(JsonWriter& json) const override;

 private:
  std::string prefix_;
};

}  // namespace heddle::text
