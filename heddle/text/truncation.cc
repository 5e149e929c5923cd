#include "heddle/text/truncation.h"

#include <algorithm>
#include <array>

#include "heddle/base/error.h"

namespace heddle::text {
namespace {

constexpr std::array kSides = {"Left", "Right"};
constexpr std::array kStrategies = {"LongestFirst", "OnlyFirst", "OnlySecond"};
constexpr int64_t kLongestTruncation = int64_t{1} << 40;  // tokens that a text may have
constexpr int64_t kLongestPadded = int64_t{1} << 22;      // padding is written out: longer is a mistake

template <class Enum, size_t N>
Enum named(const JsonView& json, const std::array<const char*, N>& names) {
  for (size_t i = 0; i < N; ++i)
    if (json.text() == names[i]) return static_cast<Enum>(i);
  json.fail("\"{}\" is none of the names this may have, such as \"{}\"", json.text().substr(0, 100), names.back());
}

size_t length_at(const JsonView& json, const char* key, int64_t longest = kLongestTruncation) {
  return static_cast<size_t>(json.at(key).integer(0, longest));
}

}  // namespace

Truncation Truncation::read(const JsonView& json) {
  Truncation truncation;
  if (const auto side = json.find("direction")) truncation.direction = named<Side>(*side, kSides);
  truncation.max_length = length_at(json, "max_length");
  truncation.strategy = named<Strategy>(json.at("strategy"), kStrategies);
  truncation.stride = length_at(json, "stride");
  return truncation;
}

void Truncation::write(JsonWriter& json) const {
  json.begin_object();
  json.member("direction", kSides[static_cast<size_t>(direction)]);
  json.member("max_length", max_length);
  json.member("strategy", kStrategies[static_cast<size_t>(strategy)]);
  json.member("stride", stride);
  json.end_object();
}

void Truncation::check_stride(size_t left) const {
  if (stride >= left)
    fail_input("truncation leaves {} tokens of a text, and its stride of {} must be less", left, stride);
}

void Truncation::apply(Encoding& first, Encoding* second, size_t length) const {
  const auto cut = [&](Encoding& encoding, size_t left) {
    if (left > 0 && left < encoding.size()) check_stride(left);
    encoding.truncate(left, stride, direction);
  };
  if (length == 0) {
    cut(first, 0);
    if (second) cut(*second, 0);
    return;
  }
  const size_t total = first.size() + (second ? second->size() : 0);
  if (total <= length) return;
  if (strategy != Strategy::longest_first) {
    if (strategy == Strategy::only_second && !second)
      fail_input("truncation cuts only the second text of a pair, and there is none");
    Encoding& target = strategy == Strategy::only_first ? first : *second;
    if (target.size() <= total - length)
      fail_input("truncation to {} tokens would take all {} of the text it may cut", length, target.size());
    return cut(target, target.size() - (total - length));
  }
  if (!second) return cut(first, length);
  // The longer one is cut to the other's length, then both alike.
  size_t shorter = std::min(first.size(), second->size());
  size_t longer = shorter > length ? shorter : std::max(shorter, length - shorter);
  if (shorter + longer > length) {
    shorter = length / 2;
    longer = shorter + length % 2;
  }
  const bool first_is_longer = first.size() > second->size();
  cut(first, first_is_longer ? longer : shorter);
  cut(*second, first_is_longer ? shorter : longer);
}

void Truncation::apply(std::vector<int32_t>& ids, size_t length) const {
  if (ids.size() <= length) return;
  if (length == 0) return ids.clear();
  if (strategy == Strategy::only_second)
    fail_input("truncation cuts only the second text of a pair, and there is none");
  check_stride(length);
  if (direction == Side::left) ids.erase(ids.begin(), ids.end() - static_cast<std::ptrdiff_t>(length));
  else ids.resize(length);
}

Padding Padding::read(const JsonView& json) {
  Padding padding;
  const JsonView strategy = json.at("strategy");
  if (strategy.is_object()) padding.fixed = length_at(strategy, "Fixed", kLongestPadded);
  else if (strategy.text() != "BatchLongest") strategy.fail("padding must be \"BatchLongest\" or {{\"Fixed\": …}}");
  padding.direction = named<Side>(json.at("direction"), kSides);
  if (json.has("pad_to_multiple_of")) padding.multiple_of = length_at(json, "pad_to_multiple_of", kLongestPadded);
  padding.pad_id = static_cast<int32_t>(json.at("pad_id").integer(0, INT32_MAX));
  padding.pad_type_id = static_cast<int32_t>(json.at("pad_type_id").integer(0, INT32_MAX));
  padding.pad_token = json.at("pad_token").text();
  return padding;
}

void Padding::write(JsonWriter& json) const {
  json.begin_object();
  json.key("strategy");
  if (fixed) {
    json.begin_object();
    json.member("Fixed", *fixed);
    json.end_object();
  } else {
    json.value("BatchLongest");
  }
  json.member("direction", kSides[static_cast<size_t>(direction)]);
  json.key("pad_to_multiple_of");
  if (multiple_of) json.value(*multiple_of);
  else json.null();
  json.member("pad_id", pad_id);
  json.member("pad_type_id", pad_type_id);
  json.member("pad_token", pad_token);
  json.end_object();
}

size_t Padding::length_for(size_t longest) const {
  const size_t length = fixed.value_or(longest);
  return multiple_of.value_or(0) > 0 ? (length + *multiple_of - 1) / *multiple_of * *multiple_of : length;
}

void Padding::apply(Encoding& encoding, size_t longest) const {
  encoding.pad(length_for(longest), pad_id, pad_type_id, pad_token, direction);
}

void Padding::apply(std::vector<int32_t>& ids) const {
  const size_t length = length_for(ids.size());
  if (length > ids.size()) ids.insert(direction == Side::left ? ids.begin() : ids.end(), length - ids.size(), pad_id);
}

}  // namespace heddle::text
