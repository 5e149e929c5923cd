#pragma once
// How the vectors of several sources become one.

#include <memory>
#include <vector>

#include "heddle/nn/idea.h"
#include "heddle/nn/pass.h"
#include "heddle/nn/place.h"
#include "heddle/tensor/rows.h"

namespace heddle::nn {

struct FusionConfig {
  std::string kind = "sum";
  int64_t width = 0;    // of the result
  int64_t sources = 0;  // how many
  int64_t domains = 0;  // of texts; of kind domains
};

namespace embeddings {

class Fusion {
 public:
  virtual ~Fusion() = default;
  // parts: [tokens, width] of each source, of kind concat narrower ones → [tokens, width].
  virtual Tensor fuse(const Pass& pass, std::span<const Tensor> parts, const Rows& rows) const = 0;
};

struct FusionEntry {
  Idea idea;
  bool side_by_side;  // the widths of the sources add up to the model's; else each has it
  std::unique_ptr<Fusion> (*make)(const Place& place, const FusionConfig& config);
};

std::span<const FusionEntry> all_fusions();
// Throws InputError for an unknown name.
const FusionEntry& find_fusion(std::string_view name);

}  // namespace embeddings
}  // namespace heddle::nn
