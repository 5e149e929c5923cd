#include "heddle/inspect/head_ablation.h"

#include <algorithm>

#include "heddle/inspect/attention_maps.h"
#include "heddle/ops/dispatch.h"
#include "heddle/ops/workspace.h"

namespace heddle::inspect {

Tensor WithoutHead::at(std::string_view point, const Tensor& value, const Rows&) {
  if (point != point_) return value;
  if (value.width() % heads_ != 0)
    fail_input("{} joins its {} heads into {} columns, so that no columns are one head's alone", point_, heads_,
               value.width());
  const int64_t width = value.width() / heads_, first = head_ * width;
  Tensor changed = ops::new_tensor(value.shape(), value.dtype());
  copy_into(value, changed);
  ops::with_real_type(value.dtype(), [&]<class T>(T) {
    T* rows = changed.data<T>();
    for (int64_t c = first; c < first + width; ++c) {
      double sum = 0;
      for (int64_t r = 0; r < value.rows(); ++r) sum += static_cast<double>(rows[r * value.width() + c]);
      const T by = how_ == Ablation::zeros ? T{0} : static_cast<T>(sum / static_cast<double>(value.rows()));
      for (int64_t r = 0; r < value.rows(); ++r) rows[r * value.width() + c] = by;
    }
  });
  return changed;
}

std::vector<HeadLoss> ablate_heads(const Subject& subject, const Examples& examples, Ablation how) {
  std::vector<HeadLoss> losses;
  if (examples.size() == 0) return losses;
  AttentionReader reader;
  run(subject, examples.one(0), &reader);
  std::vector<std::pair<std::string, int>> attentions;  // with their heads
  for (const AttentionMap& map : reader.maps()) {
    if (attentions.empty() || attentions.back().first != map.attention) attentions.emplace_back(map.attention, 0);
    attentions.back().second = std::max(attentions.back().second, map.head + 1);
  }
  for (const auto& [attention, heads] : attentions)
    for (int head = 0; head < heads; ++head) {
      WithoutHead without(attention, head, heads, how);
      losses.push_back({attention, head, run(subject, examples, &without)});
    }
  return losses;
}

}  // namespace heddle::inspect
