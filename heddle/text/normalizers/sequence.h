#pragma once
// One normalizer after the other.

#include "heddle/text/normalizers/normalizer.h"

#include <vector>

namespace heddle::text {

class NormalizerSequence : public Normalizer {
 public:
  explicit NormalizerSequence(std::vector<NormalizerPtr> normalizers) : normalizers_(std::move(normalizers)) {}
  void apply(AlignedText& text) const override;
  void write(JsonWriter& json) const override;

 private:
  std::vector<NormalizerPtr> normalizers_;
};

}  // namespace heddle::text
