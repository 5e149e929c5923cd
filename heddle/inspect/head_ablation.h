#pragma once
// What the loss becomes without a head (Michel et al. 2019; Voita et al. 2019): its share of what its attention mixes
// is replaced by zeros, or by its mean over the rows, which takes away what it says of the single token but not its
// bias.

#include "heddle/inspect/subject.h"

namespace heddle::inspect {

enum class Ablation : uint8_t { zeros, mean };

struct HeadLoss {
  std::string attention;
  int head = 0;
  Losses without;
};

// A probe that takes one head away.
class WithoutHead : public nn::Probe {
 public:
  WithoutHead(const std::string& attention, int head, int heads, Ablation how)
      : point_(attention + ".output"), head_(head), heads_(heads), how_(how) {}
  Tensor at(std::string_view point, const Tensor& value, const Rows& rows) override;

 private:
  std::string point_;
  int head_, heads_;
  Ablation how_;
};

// Every head in turn, in the order in which a pass runs them.
std::vector<HeadLoss> ablate_heads(const Subject& subject, const Examples& examples, Ablation how);

}  // namespace heddle::inspect
