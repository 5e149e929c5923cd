#include "heddle/data/masking/token_weights.h"

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

}  // namespace heddle::data
