#include "heddle/nn/guided_alignment.h"

#include <utility>

namespace heddle::nn {

GuidedAlignment::GuidedAlignment(const std::string& attention, const AttentionConfig& config, int head)
    : query_point_(attention + ".query"),
      key_point_(attention + ".key"),
      options_{.heads = config.heads, .head = head, .score_scale = config.scale()} {
  HEDDLE_CHECK(config.kind == "softmax", "alignments teach the weights of a softmax; {} is of kind {}", attention,
               config.kind);
}

Tensor GuidedAlignment::at(std::string_view point, const Tensor& value, const Rows& rows) {
  if (point == query_point_) {
    query_ = value;
    query_rows_ = rows;
  }
  if (point == key_point_) {
    key_ = value;
    key_rows_ = rows;
  }
  return value;
}

ops::AlignmentLoss GuidedAlignment::loss(const ops::Links& links, double scale) {
  HEDDLE_CHECK(query_.defined() && key_.defined(),
               "no pass has gone through {} and {} since the last loss; set the guide as the probe "
               "of the pass",
               query_point_, key_point_);
  options_.scale = scale;
  const Tensor query = std::exchange(query_, {}), key = std::exchange(key_, {});
  return ops::alignment_loss(query, key, query_rows_, key_rows_, links, options_);
}

}  // namespace heddle::nn
