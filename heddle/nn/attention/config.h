#pragma once
// What one attention of a layer is made of.

#include <string>
#include <vector>

#include "heddle/kernels/mask.h"
#include "heddle/nn/place.h"

namespace heddle::nn {

struct AttentionConfig {
  int64_t width = 0;
  int heads = 1;
  int64_t head_width = 0;            // 0: width / heads
  double dropout = 0.0;              // on the weights
  std::string weights = "expected";  // or sampled, while training
  double head_dropout = 0.0;         // on whole heads
  std::string kind = "softmax";
  std::string feature_map = "elu";    // of kind "linear"
  int64_t features = 0;               // of feature map "performer"; 0: by the width of a head
  int64_t projected_length = 0;       // of kind "linformer"
  int64_t max_length = 1024;          // positions that kind "linformer" knows
  std::vector<int64_t> windows = {};  // of kinds "head_windows" and "mixed_windows"
  int64_t segment = 64;               // of kind "segments"
  int64_t memory = 64;
  int64_t offsets = 8;  // of kind "offsets"
  int64_t span = 1024;  // longest, of kind "adaptive_span"
  int64_t span_ramp = 32;
  double span_loss = 0;
  std::string score = "scaled_dot";
  std::string projection = "fused";
  int64_t key_heads = 0;         // of projection "grouped"
  int64_t rank = 0;              // of projection "latent"; 0: half of the width
  std::string qk_norm = "none";  // none, layer, rms: of each head's queries and keys
  BranchStart start = {};
  bool reads_memory = false;                   // its softmax is over a memory too (merged_memory.h)
  kernels::Mask mask = kernels::Mask::full();  // which keys a query may see, by their positions

  int64_t of_head() const { return head_width ? head_width : width / heads; }
  int64_t inner() const { return head_width ? head_width * heads : width; }
  int of_keys() const {
    return projection == "multi_query" ? 1 : projection == "grouped" ? static_cast<int>(key_heads) : heads;
  }
  // What a dot product of one head is multiplied by.
  double scale() const;
};

}  // namespace heddle::nn
