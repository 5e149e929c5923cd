#include "heddle/data/masking/token_weights.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "heddle/base/error.h"

namespace heddle::data {

void TokenCounts::add(std::span<const int32_t> document) {
  ++documents_;
  for (int32_t id : document) {
    if (id < 0) fail_input("document {} has the token id {}; ids are numbers from 0", documents_, id);
    const auto at = static_cast<size_t>(id);
    if (at >= count_.size()) {
      count_.resize(at + 1);
      in_documents_.resize(at + 1);
      seen_in_.resize(at + 1);
    }
    ++count_[at];
    if (seen_in_[at] != documents_) ++in_documents_[at];
    seen_in_[at] = documents_;
  }
  tokens_ += std::ssize(document);
}

std::vector<double> TokenCounts::rarity(std::span<const int32_t> ids, double power) const {
  std::vector<double> weights;
  const double all = static_cast<double>(std::max<int64_t>(tokens_, 1));
  for (int32_t id : ids) {
    const auto at = static_cast<size_t>(id);
    const int64_t count = at < count_.size() ? std::max<int64_t>(count_[at], 1) : 1;
    weights.push_back(std::pow(static_cast<double>(count) / all, -power));
  }
  return weights;
}

std::vector<double> TokenCounts::tf_idf(std::span<const int32_t> ids) const {
  std::unordered_map<int32_t, double> here;
  for (int32_t id : ids) here[id] += 1;
  std::vector<double> weights;
  for (int32_t id : ids) {
    const auto at = static_cast<size_t>(id);
    const int64_t with_it = at < in_documents_.size() ? in_documents_[at] : 0;
    const double idf = std::log(static_cast<double>(1 + documents_) / static_cast<double>(1 + with_it)) + 1;
    weights.push_back(here[id] / static_cast<double>(ids.size()) * idf);
  }
  return weights;
}

namespace {

double length_of(std::span<const double> vector) {
  double squares = 0;
  for (const double x : vector) squares += x * x;
  return std::sqrt(squares);
}

}  // namespace

std::vector<double> vector_relevance(std::span<const int32_t> ids, std::span<const float> vectors, int64_t width) {
  if (width < 1) fail_input("vectors of width {} say nothing; expected at least 1", width);
  const int64_t rows = std::ssize(vectors) / width;
  const auto w = static_cast<size_t>(width);
  std::vector<double> units(ids.size() * w), mean(w);
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] < 0 || ids[i] >= rows) fail_input("the token id {} has no vector; there are {}", ids[i], rows);
    const std::span unit = std::span(units).subspan(i * w, w);
    std::ranges::copy(vectors.subspan(static_cast<size_t>(ids[i]) * w, w), unit.begin());
    const double length = length_of(unit);
    for (size_t k = 0; k < w && length > 0; ++k) mean[k] += unit[k] /= length;
  }
  const double mean_length = length_of(mean);
  std::vector<double> weights(ids.size(), -1);
  double sum = 0, known = 0;
  for (size_t i = 0; i < ids.size(); ++i) {
    const std::span unit = std::span(units).subspan(i * w, w);
    if (length_of(unit) == 0) continue;
    double product = 0;
    for (size_t k = 0; k < w; ++k) product += unit[k] * mean[k];
    weights[i] = mean_length > 0 ? std::max(0.0, product / mean_length) : 1;
    sum += weights[i];
    known += 1;
  }
  for (double& weight : weights)
    if (weight < 0) weight = known > 0 ? sum / known : 1;
  return weights;
}

}  // namespace heddle::data
