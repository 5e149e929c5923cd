#include "heddle/nn/parameters.h"

#include <algorithm>
#include <cmath>

#include "heddle/base/random.h"
#include "heddle/nn/packed_weights.h"

namespace heddle::nn {
namespace {

bool matches(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return name.empty();
  if (pattern[0] == '*') return matches(pattern.substr(1), name) || (!name.empty() && matches(pattern, name.substr(1)));
  return !name.empty() && (pattern[0] == '?' || pattern[0] == name[0]) && matches(pattern.substr(1), name.substr(1));
}

// Takes off the rows before it in its block (Gram & Schmidt); a row of length 1 is left.
void make_orthogonal(std::span<double> row, std::span<const double> before) {
  const size_t width = row.size();
  for (size_t r = 0; r * width < before.size(); ++r) {
    double dot = 0;
    for (size_t c = 0; c < width; ++c) dot += row[c] * before[r * width + c];
    for (size_t c = 0; c < width; ++c) row[c] -= dot * before[r * width + c];
  }
  double squares = 0;
  for (const double value : row) squares += value * value;
  for (double& value : row) value /= std::sqrt(squares);
}

std::vector<double> orthogonal_rows(RandomStream& random, int64_t rows, int64_t width) {
  const auto wide = static_cast<size_t>(width);
  std::vector<double> values(static_cast<size_t>(rows) * wide);
  for (double& value : values) value = random.normal();
  for (size_t r = 0; r < static_cast<size_t>(rows); ++r)
    make_orthogonal(std::span(values).subspan(r * wide, wide),
                    std::span(values).subspan(r / wide * wide * wide, r % wide * wide));
  for (size_t r = 0; r < static_cast<size_t>(rows); ++r) {
    double squares = 0;
    for (size_t c = 0; c < wide; ++c) squares += std::pow(random.normal(), 2);
    for (size_t c = 0; c < wide; ++c) values[r * wide + c] *= std::sqrt(squares);
  }
  return values;
}

template <class T>
void fill(std::span<T> values, const ParameterInfo& info, uint64_t seed) {
  RandomStream random(RandomKey{.seed = seed}.at(info.name));
  switch (info.init.kind) {
    case Init::Kind::constant: std::ranges::fill(values, static_cast<T>(info.init.scale)); return;
    case Init::Kind::normal:
      for (T& value : values) value = static_cast<T>(info.init.scale * random.normal());
      return;
    case Init::Kind::orthogonal: {
      const std::vector<double> rows = orthogonal_rows(random, info.shape.rows(), info.shape.width());
      std::ranges::transform(rows, values.begin(), [](double value) { return static_cast<T>(value); });
      return;
    }
    case Init::Kind::identities: {
      const auto width = static_cast<size_t>(info.shape.width());
      for (size_t i = 0; i < values.size(); ++i) values[i] = i / width % width == i % width ? T{1} : T{0};
      return;
    }
    case Init::Kind::given:
      HEDDLE_CHECK(info.init.values.size() == values.size(), "{} starts with {} numbers, not {}", info.name,
                   values.size(), info.init.values.size());
      std::ranges::transform(info.init.values, values.begin(), [](double value) { return static_cast<T>(value); });
      return;
    case Init::Kind::xavier_uniform: {
      const int64_t fan_out = info.init.fan_out ? info.init.fan_out : info.shape.rows();
      const double limit = info.init.scale * std::sqrt(6.0 / static_cast<double>(fan_out + info.shape.width()));
      for (T& value : values) value = static_cast<T>(limit * (2 * random.uniform() - 1));
      if (info.init.other_from >= 0)
        for (T& value : values.subspan(static_cast<size_t>(info.init.other_from * info.shape.width())))
          value = static_cast<T>(static_cast<double>(value) * info.init.other_gain);
      return;
    }
  }
}

}  // namespace

ParameterId Parameters::declare(ParameterInfo info) {
  if (!sharing_.empty() && info.name.starts_with(sharing_)) return declare_shared(std::move(info));
  const auto id = static_cast<ParameterId>(infos_.size());
  HEDDLE_CHECK(find(info.name) == kNoParameter, "the weight {} is declared twice", info.name);
  constexpr int64_t kAlignment = 16;
  info.offset = flat_count_;
  flat_count_ += (info.shape.count() + kAlignment - 1) / kAlignment * kAlignment;
  by_name_.emplace(info.name, id);
  infos_.push_back(std::move(info));
  transforms_.emplace_back();
  return id;
}

ParameterId Parameters::declare_shared(ParameterInfo info) {
  const std::string owner = shared_ + info.name.substr(sharing_.size());
  const ParameterId id = find(owner);
  HEDDLE_CHECK(id != kNoParameter && infos_[static_cast<size_t>(id)].shape == info.shape,
               "{} cannot be {}, which has another shape or is none", info.name, owner);
  alias(std::move(info.name), id);
  return id;
}

void Parameters::share(std::string name, std::string of) {
  sharing_ = name.empty() ? "" : name + ".";
  shared_ = of + ".";
}

void Parameters::alias(std::string name, ParameterId id) {
  HEDDLE_CHECK(find(name) == kNoParameter, "the weight {} is declared twice", name);
  aliases_.emplace(std::move(name), id);
}

ParameterId Parameters::find(std::string_view name) const {
  const std::string key(name);
  if (auto found = by_name_.find(key); found != by_name_.end()) return found->second;
  if (auto found = aliases_.find(key); found != aliases_.end()) return found->second;
  return kNoParameter;
}

std::vector<ParameterId> Parameters::match(std::string_view pattern) const {
  std::vector<ParameterId> ids;
  for (size_t i = 0; i < infos_.size(); ++i)
    if (matches(pattern, infos_[i].name)) ids.push_back(static_cast<ParameterId>(i));
  return ids;
}

void Parameters::set_trainable(ParameterId id, bool trainable) {
  infos_[static_cast<size_t>(id)].trainable = trainable;
}

void Parameters::attach(ParameterId id, std::shared_ptr<const WeightTransform> transform) {
  transforms_[static_cast<size_t>(id)].push_back(std::move(transform));
}

void Parameters::detach(ParameterId id) { transforms_[static_cast<size_t>(id)].clear(); }

std::span<const std::shared_ptr<const WeightTransform>> Parameters::transforms(ParameterId id) const {
  return transforms_[static_cast<size_t>(id)];
}

int64_t Parameters::parameter_count() const {
  int64_t count = 0;
  for (const ParameterInfo& info : infos_) count += info.shape.count();
  return count;
}

WeightSet Parameters::make_set(DType dtype) const { return WeightSet(*this, dtype); }

void Parameters::initialize(WeightSet& set, uint64_t seed) const {
  for (size_t i = 0; i < infos_.size(); ++i) {
    const Tensor& weight = set.of(static_cast<ParameterId>(i));
    if (set.dtype() == DType::f64) fill(weight.span<double>(), infos_[i], seed);
    else fill(weight.span<float>(), infos_[i], seed);
  }
  set.touch();
}

WeightSet::WeightSet(const Parameters& parameters, DType dtype)
    : flat_(Tensor::zeros({parameters.flat_count()}, dtype)),
      packed_(std::make_unique<PackedWeights>(parameters.all().size())) {
  views_.reserve(parameters.all().size());
  for (const ParameterInfo& info : parameters.all()) {
    const Shape flat_shape = {1, parameters.flat_count()};
    views_.push_back(
        flat_.reshape(flat_shape).column_range(info.offset, info.offset + info.shape.count()).reshape(info.shape));
  }
}

WeightSet::WeightSet(WeightSet&&) noexcept = default;
WeightSet& WeightSet::operator=(WeightSet&&) noexcept = default;
WeightSet::~WeightSet() = default;

const kernels::PackedWeight& WeightSet::packed(ParameterId id) const { return packed_->of(id, of(id), version_); }

void WeightSet::copy_from(const WeightSet& other) {
  copy_into(other.flat_, flat_);
  touch();
}

}  // namespace heddle::nn
