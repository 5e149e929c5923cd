#pragma once
// All weights of a model in one table, and the sets of numbers that fill it.
//
// Modules declare their weights in a Parameters table and keep only ids. The numbers stand in a
// WeightSet: the trained weights, their average, a teacher, a posterior sample. A forward pass
// reads one set through weight() (heddle/nn/weight.h), so another set is swapped in without copying.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "heddle/kernels/packed_weight.h"
#include "heddle/tensor/tensor.h"

namespace heddle::nn {

class WeightTransform;
class PackedWeights;

using ParameterId = int32_t;
inline constexpr ParameterId kNoParameter = -1;

// How a weight starts.
struct Init {
  enum class Kind : uint8_t { constant, normal, xavier_uniform, orthogonal, identities, given };
  Kind kind = Kind::constant;
  double scale = 0.0;  // constant: the value; normal: standard deviation; xavier_uniform: gain
  // xavier_uniform (Glorot & Bengio 2010) for a matrix that stacks several square-ish projections:
  // the fan-out of one of them; 0: all rows.
  int64_t fan_out = 0;
  // Rows from `other_from` on are multiplied by `other_gain`: one projection of the stack starts otherwise.
  int64_t other_from = -1;
  double other_gain = 1.0;
  std::vector<double> values = {};  // given: each number

  static Init zeros() { return {}; }
  static Init ones() { return constant(1.0); }
  static Init constant(double value) { return {.kind = Kind::constant, .scale = value}; }
  static Init normal(double deviation) { return {.kind = Kind::normal, .scale = deviation}; }
  // Rows as long as normal vectors are, those of a block of `width` rows at right angles to each other (Choromanski et
  // al. 2021).
  static Init orthogonal() { return {.kind = Kind::orthogonal}; }
  // Square matrices one above the other, each the identity.
  static Init identities() { return {.kind = Kind::identities}; }
  static Init given(std::vector<double> values) { return {.kind = Kind::given, .values = std::move(values)}; }
  static Init xavier(double gain = 1.0, int64_t fan_out = 0) {
    return {.kind = Kind::xavier_uniform, .scale = gain, .fan_out = fan_out};
  }
};

struct ParameterInfo {
  std::string name;  // "decoder.layers.2.cross_attention.query.weight"
  std::string role;  // "embedding", "position", "attention", "feed_forward", "router", "norm", "output"
  Shape shape;       // a linear weight is [out, in]
  Init init;
  int layer = -1;  // -1: outside the layers
  bool trainable = true;
  bool int8_rows = false;  // is used as int8 with a scale for each row, and finished models are stored so
  int64_t offset = 0;      // of its first element in the flat view, set by declare()
};

class WeightSet;

class Parameters {
 public:
  // Adds a weight; the name must be new.
  ParameterId declare(ParameterInfo info);
  // A second name for the same weight: tied embeddings, shared layers.
  void alias(std::string name, ParameterId id);
  // From now on whoever declares a weight under `name` is given that of the same place under `of`, by a second name:
  // layers that share. Both empty: no longer.
  void share(std::string name, std::string of);

  ParameterId find(std::string_view name) const;  // kNoParameter: unknown; knows aliases
  const ParameterInfo& info(ParameterId id) const { return infos_[static_cast<size_t>(id)]; }
  std::span<const ParameterInfo> all() const { return infos_; }
  const std::unordered_map<std::string, ParameterId>& aliases() const { return aliases_; }
  // Ids whose name matches a pattern with `*` (any text) and `?` (one character).
  std::vector<ParameterId> match(std::string_view pattern) const;
  void set_trainable(ParameterId id, bool trainable);

  // A chain of transforms between the stored weight and its use; the last attached acts last.
  void attach(ParameterId id, std::shared_ptr<const WeightTransform> transform);
  void detach(ParameterId id);
  std::span<const std::shared_ptr<const WeightTransform>> transforms(ParameterId id) const;

  // Elements of all weights end to end (each starts at a multiple of 16).
  int64_t flat_count() const { return flat_count_; }
  int64_t parameter_count() const;

  // A set of numbers for this table, zero-filled.
  WeightSet make_set(DType dtype) const;
  // Fills a set by every weight's Init. Each weight draws from its own name and the seed, so that
  // adding a layer changes no other weight's start.
  void initialize(WeightSet& set, uint64_t seed) const;

 private:
  ParameterId declare_shared(ParameterInfo info);

  std::vector<ParameterInfo> infos_;
  std::vector<std::vector<std::shared_ptr<const WeightTransform>>> transforms_;
  std::unordered_map<std::string, ParameterId> by_name_, aliases_;
  std::string sharing_, shared_;  // prefixes of names
  int64_t flat_count_ = 0;
};

// One set of numbers. Not copyable by accident: the tape knows it by its address.
class WeightSet {
 public:
  WeightSet(const Parameters& parameters, DType dtype);
  WeightSet(WeightSet&&) noexcept;
  WeightSet& operator=(WeightSet&&) noexcept;
  ~WeightSet();

  DType dtype() const { return flat_.dtype(); }
  const Tensor& flat() const { return flat_; }
  const Tensor& of(ParameterId id) const { return views_[static_cast<size_t>(id)]; }

  // Rises with every change; prepacked and narrowed copies of older versions are stale.
  uint64_t version() const { return version_; }
  void touch() { ++version_; }
  void copy_from(const WeightSet& other);

  // The weight laid out for products of few rows, made at its first use and again after a change.
  // f32 matrices only.
  const kernels::PackedWeight& packed(ParameterId id) const;

 private:
  Tensor flat_;
  std::vector<Tensor> views_;
  uint64_t version_ = 1;
  std::unique_ptr<PackedWeights> packed_;
};

}  // namespace heddle::nn
