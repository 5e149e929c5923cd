#include "heddle/data/check/column_profile.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <utility>

namespace heddle::data {
namespace {

constexpr int64_t kFewNumbers = 20;    // so many different numbers are still classes
constexpr int64_t kRowsForAClass = 5;  // on average, or it is no class
constexpr size_t kTagErrorsShown = 3;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

int64_t characters_of(std::string_view text) {
  return std::ranges::count_if(text, [](char c) { return !is_continuation(c); });
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

// Letters of ASCII, and everything beyond it that is no punctuation of Latin-1 or of U+2000 … U+206F.
bool has_letter(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if ((c | 32) >= 'a' && (c | 32) <= 'z' && c < 0x80) return true;
    if (c >= '0' && c <= '9') return true;  // figures say something too
    const bool punctuation =
        c == 0xC2 || (c == 0xE2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) <= 0x81);
    if (c >= 0xC3 && !punctuation) return true;
  }
  return text.empty();
}

int64_t count_of(std::string_view text, std::string_view part) {
  int64_t count = 0;
  for (size_t at = 0; (at = text.find(part, at)) != std::string_view::npos; at += part.size()) ++count;
  return count;
}

// "é" and "’" of UTF-8 read as Latin-1 or Windows-1252: "Ã©", "â€™".
bool has_mojibake(std::string_view text) {
  for (size_t at = 0; (at = text.find("\xC3\x83\xC2", at)) != std::string_view::npos; at += 3)
    if (at + 3 < text.size()) return true;
  return text.find("\xC3\xA2\xE2\x82\xAC") != std::string_view::npos ||
         text.find("\xC3\xA2\xC2\x80") != std::string_view::npos;
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F;
  });
}

bool has_markup(std::string_view text) {
  for (std::string_view part : {"<br", "</", "&amp;", "&lt;", "&gt;", "&quot;", "&nbsp;", "&#"})
    if (text.find(part) != std::string_view::npos) return true;
  return false;
}

bool parse_number(std::string_view text, double& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string_view name_of(ColumnKind kind) {
  constexpr std::string_view kNames[] = {"empty", "id", "number", "label", "tags", "text"};
  return kNames[static_cast<size_t>(kind)];
}

std::string_view name_of(Oddity oddity) {
  constexpr std::string_view kNames[] = {"replacement", "mojibake", "control", "markup", "no_letters"};
  return kNames[static_cast<size_t>(oddity)];
}

ColumnProfile::ColumnProfile(std::string name, const ProfileOptions& options) : options_(options) {
  report_.name = std::move(name);
}

void ColumnProfile::add(std::span<const std::string_view> values, const Place& place) {
  ++report_.rows;
  odd_row_ = {};
  int64_t length = 0, tokens = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    add_value(values[i], place, i);
    length += characters_of(values[i]) + (i > 0 ? 1 : 0);
  }
  // Several values are words of one text.
  if (options_.count_tokens && !values.empty())
    tokens = options_.count_tokens(fmt::format("{}", fmt::join(values, " ")));
  if (std::ranges::all_of(values, is_blank))
    if (report_.empty.rows++ == 0) report_.empty.first_place = place(0);
  if (length > report_.longest || report_.rows == 1) {
    report_.longest = length;
    report_.longest_place = place(0);
  }
  lengths_.push_back(static_cast<uint32_t>(length));
  report_.tokens += tokens;
  report_.longest_tokens = std::max(report_.longest_tokens, tokens);
  if (options_.max_tokens > 0 && tokens > options_.max_tokens) ++report_.truncated;
  if (may_be_tag_) check_tags(values, place);
}

void ColumnProfile::add_value(std::string_view value, const Place& place, size_t token) {
  ++report_.values;
  note_odd(value, place, token);
  if (distinct_.size() < kMostDistinct) distinct_.insert(XXH3_64bits(value.data(), value.size()));
  if (may_be_class_) {
    may_be_class_ = value.size() <= kLongestClass && classes_.size() <= kMostClasses;
    if (may_be_class_) ++classes_[std::string(value)];
    else classes_.clear();
  }
  double number = 0;
  may_be_number_ = may_be_number_ && parse_number(value, number);
  if (may_be_number_) {
    report_.least = report_.values == 1 ? number : std::min(report_.least, number);
    report_.most = report_.values == 1 ? number : std::max(report_.most, number);
    sum_ += number;
  }
  may_be_id_ = may_be_id_ && value.size() <= kLongestClass && value.find(' ') == std::string_view::npos;
}

void ColumnProfile::note_odd(std::string_view value, const Place& place, size_t token) {
  if (const int64_t lost = count_of(value, "\xEF\xBF\xBD")) {
    note(Oddity::replacement, place, token);
    report_.odd[static_cast<size_t>(Oddity::replacement)].characters += lost;
  }
  if (has_mojibake(value)) note(Oddity::mojibake, place, token);
  if (has_control(value)) note(Oddity::control, place, token);
  if (has_markup(value)) note(Oddity::markup, place, token);
  if (!is_blank(value) && !has_letter(value)) note(Oddity::no_letters, place, token);
}

void ColumnProfile::note(Oddity oddity, const Place& place, size_t token) {
  const auto at = static_cast<size_t>(oddity);
  if (std::exchange(odd_row_[at], true)) return;
  if (report_.odd[at].rows++ == 0) report_.odd[at].first_place = place(token);
}

void ColumnProfile::check_tags(std::span<const std::string_view> tags, const Place& place) {
  for (std::string_view text : tags) {
    const auto tag = parse_tag(text);
    may_be_tag_ = may_be_tag_ && tag.has_value();
    spans_ = spans_ || (tag && tag->place != 'O');
    bioes_ = bioes_ || (tag && (tag->place == 'E' || tag->place == 'S'));
  }
  // Until the first E or S a file of BIOES looks like BIO; its rules are the looser ones.
  const auto error = tag_error(tags, bioes_ ? TagScheme::bioes : TagScheme::bio);
  if (!may_be_tag_ || !error) return;
  if (++report_.tag_errors <= static_cast<int64_t>(kTagErrorsShown))
    report_.first_tag_errors.push_back(place(error->token) + ": " + error->problem);
}

ColumnKind ColumnProfile::kind() const {
  const auto distinct = static_cast<int64_t>(distinct_.size());
  if (report_.values == 0) return ColumnKind::empty;
  if (may_be_tag_ && spans_) return ColumnKind::tags;
  if (may_be_number_ && distinct > kFewNumbers) return ColumnKind::number;
  if (may_be_class_ && (distinct * kRowsForAClass <= report_.values || (may_be_number_ && distinct <= 2)))
    return ColumnKind::label;
  if (may_be_id_ && distinct == report_.rows && report_.rows > 1) return ColumnKind::id;
  return ColumnKind::text;
}

ColumnReport ColumnProfile::finish() {
  report_.kind = kind();
  if (report_.kind != ColumnKind::text) report_.tokens = report_.longest_tokens = report_.truncated = 0;
  report_.distinct = static_cast<int64_t>(distinct_.size());
  report_.scheme = bioes_ ? TagScheme::bioes : TagScheme::bio;
  report_.mean = report_.values > 0 ? sum_ / static_cast<double>(report_.values) : 0;
  for (const auto& [value, count] : classes_) report_.classes.push_back({value, count});
  std::ranges::sort(report_.classes, [](const ClassCount& a, const ClassCount& b) {
    return a.count != b.count ? a.count > b.count : a.value < b.value;
  });
  if (!lengths_.empty()) {
    std::ranges::sort(lengths_);
    const auto at = [&](size_t percent) { return int64_t{lengths_[(lengths_.size() - 1) * percent / 100]}; };
    report_.shortest = at(0);
    report_.median_length = at(50);
    report_.usual_longest = at(99);
    for (uint32_t length : lengths_) {
      const auto bucket = static_cast<size_t>(std::bit_width(length));
      if (report_.length_histogram.size() <= bucket) report_.length_histogram.resize(bucket + 1);
      ++report_.length_histogram[bucket];
    }
  }
  return std::move(report_);
}

}  // namespace heddle::data
