#include "heddle/inspect/neurons.h"

#include <algorithm>
#include <cmath>

#include "heddle/ops/dispatch.h"

namespace heddle::inspect {
namespace {

constexpr std::string_view kPoint = ".neurons";

// The first of these that the model has; null: none.
const Tensor* weight_named(const Subject& subject, const std::vector<std::string>& names) {
  for (const std::string& name : names)
    if (const nn::ParameterId id = subject.parameters.find(name); id != nn::kNoParameter)
      return &subject.weights.of(id);
  return nullptr;
}

std::vector<double> as_doubles(const Tensor& tensor) {
  std::vector<double> values(static_cast<size_t>(tensor.count()));
  copy_into(tensor, Tensor::borrow(values.data(), tensor.shape(), DType::f64));
  return values;
}

// matrix·column.
std::vector<double> product(const Tensor& matrix, const std::vector<double>& column) {
  const std::vector<double> numbers = as_doubles(matrix);
  std::vector<double> result(static_cast<size_t>(matrix.rows()));
  for (size_t r = 0; r < result.size(); ++r)
    for (size_t c = 0; c < column.size(); ++c) result[r] += numbers[r * column.size() + c] * column[c];
  return result;
}

// Pᵀ·column, of a table in two factors.
std::vector<double> through_factor(const Tensor& factor, const std::vector<double>& column) {
  const std::vector<double> numbers = as_doubles(factor);
  const auto rank = static_cast<size_t>(factor.width());
  std::vector<double> thin(rank);
  for (size_t c = 0; c < column.size(); ++c)
    for (size_t r = 0; r < rank; ++r) thin[r] += numbers[c * rank + r] * column[c];
  return thin;
}

}  // namespace

double NeuronFigures::deviation() const {
  return rows > 0 ? std::sqrt(std::max(0.0, squares / static_cast<double>(rows) - mean() * mean())) : 0;
}

Tensor NeuronReader::at(std::string_view point, const Tensor& value, const Rows& rows) {
  if (!point.ends_with(kPoint)) return value;
  std::vector<NeuronFigures>& neurons = layers_[std::string(point)];
  neurons.resize(static_cast<size_t>(value.width()));
  const std::vector<double> values = as_doubles(value);
  for (int64_t r = 0; r < value.rows(); ++r)
    for (int64_t n = 0; n < value.width(); ++n) {
      const double x = values[static_cast<size_t>(r * value.width() + n)];
      NeuronFigures& neuron = neurons[static_cast<size_t>(n)];
      ++neuron.rows;
      neuron.active += x > 0;
      neuron.sum += x;
      neuron.squares += x * x;
      if (neuron.top.size() == keep_top_ && (keep_top_ == 0 || x <= neuron.top.back().value)) continue;
      const auto row = static_cast<size_t>(r);
      const auto place = std::ranges::upper_bound(neuron.top, x, std::greater{}, &NeuronInput::value);
      neuron.top.insert(place, {x, rows.example[row], rows.position[row]});
      if (neuron.top.size() > keep_top_) neuron.top.pop_back();
    }
  return value;
}

std::vector<PromotedToken> promoted_tokens(const Subject& subject, const std::string& point, int64_t neuron,
                                           size_t count) {
  const std::string network = point.substr(0, point.size() - kPoint.size());
  const Tensor* second = weight_named(subject, {network + ".second.weight"});
  const Tensor* factor = weight_named(subject, {"output.projection.weight"});  // tied, all three
  const Tensor* embedding =
      point.starts_with("encoder.")
          ? weight_named(subject, factor ? std::vector<std::string>{"output.weight"}
                                         : std::vector<std::string>{"encoder.embedding.weight", "embedding.weight"})
          : weight_named(subject, {"output.weight", "embedding.weight"});
  if (!second || !embedding || (embedding->width() != second->rows() && !factor)) return {};
  // Of a low-rank network the neurons stand before the thin matrix.
  const Tensor* thin = weight_named(subject, {network + ".second_thin.weight"});
  const Tensor& after = thin ? *thin : *second;
  if (neuron < 0 || neuron >= after.width())
    fail_input("{} has the neurons 0 to {}, not {}", point, after.width() - 1, neuron);
  std::vector<double> column = as_doubles(after.column_range(neuron, neuron + 1));
  if (thin) column = product(*second, column);
  if (embedding->width() != second->rows()) column = through_factor(*factor, column);
  const std::vector<double> scores = product(*embedding, column);
  std::vector<PromotedToken> tokens(scores.size());
  for (size_t t = 0; t < tokens.size(); ++t) tokens[t] = {static_cast<int32_t>(t), scores[t]};
  const size_t kept = std::min(count, tokens.size());
  std::ranges::partial_sort(tokens, tokens.begin() + static_cast<int64_t>(kept), std::greater{}, &PromotedToken::score);
  tokens.resize(kept);
  return tokens;
}

}  // namespace heddle::inspect
