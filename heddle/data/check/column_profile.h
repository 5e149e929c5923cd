#pragma once
// What the values of one column look like: their kind, lengths, classes, and what is odd about them.

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "heddle/data/check/tag_scheme.h"
#include "heddle/data/readers/record.h"

namespace heddle::data {

enum class ColumnKind : uint8_t {
  empty,   // no value at all
  id,      // short, without spaces, each once
  number,  // more than 20 different numbers
  label,   // few different short values
  tags,    // BIO or BIOES, one a token
  text,
};
std::string_view name_of(ColumnKind kind);

// What makes a row suspicious.
enum class Oddity : uint8_t {
  replacement,  // U+FFFD: a character that was lost earlier
  mojibake,     // UTF-8 read as Latin-1 or Windows-1252 and written as UTF-8 once more
  control,      // control characters but tab and line ends
  markup,       // HTML tags or entities
  no_letters,   // a text without any letter
};
inline constexpr size_t kOddities = 5;
std::string_view name_of(Oddity oddity);

struct OddRows {
  int64_t rows = 0;
  int64_t characters = 0;   // only of replacement
  std::string first_place;  // FILE:LINE
};

struct ClassCount {
  std::string value;
  int64_t count;
};

struct ColumnReport {
  std::string name;
  ColumnKind kind = ColumnKind::empty;
  int64_t rows = 0, values = 0;
  OddRows empty;  // rows without a value, or with nothing but spaces
  std::array<OddRows, kOddities> odd;
  int64_t distinct = 0;                  // values; counting stops at kMostDistinct
  std::vector<ClassCount> classes;       // the most frequent first; of short values, as long as they are few
  double least = 0, mean = 0, most = 0;  // of numbers
  // Of a row in this column, in characters: shortest, half of the rows, 99 of 100, longest, and how many rows have
  // 0, 1, 2–3, 4–7, 8–15, … characters.
  int64_t shortest = 0, median_length = 0, usual_longest = 0, longest = 0;
  std::string longest_place;
  std::vector<int64_t> length_histogram;
  TagScheme scheme = TagScheme::bio;
  int64_t tag_errors = 0;  // sentences with one
  std::vector<std::string> first_tag_errors;
  int64_t tokens = 0, longest_tokens = 0, truncated = 0;  // of texts, when a tokenizer is given
};

struct ProfileOptions {
  std::function<int64_t(std::string_view)> count_tokens = {};
  int64_t max_tokens = 0;  // rows with more are cut; 0: none is
};

class ColumnProfile {
 public:
  static constexpr size_t kMostDistinct = size_t{1} << 20, kMostClasses = 1000, kLongestClass = 64;

  ColumnProfile(std::string name, const ProfileOptions& options);

  // The column's values of one row; `place`() is its FILE:LINE.
  void add(std::span<const std::string_view> values, const std::function<std::string(size_t token)>& place);
  ColumnReport finish();

 private:
  using Place = std::function<std::string(size_t)>;
  void add_value(std::string_view value, const Place& place, size_t token);
  void note_odd(std::string_view value, const Place& place, size_t token);
  void note(Oddity oddity, const Place& place, size_t token);
  void check_tags(std::span<const std::string_view> tags, const Place& place);
  ColumnKind kind() const;

  ProfileOptions options_;
  ColumnReport report_;
  std::vector<uint32_t> lengths_;
  std::unordered_set<uint64_t> distinct_;  // hashes
  std::unordered_map<std::string, int64_t> classes_;
  std::array<bool, kOddities> odd_row_{};
  bool may_be_class_ = true, may_be_number_ = true, may_be_tag_ = true, may_be_id_ = true, bioes_ = false;
  bool spans_ = false;  // a tag other than O was seen
  double sum_ = 0;
};

}  // namespace heddle::data
