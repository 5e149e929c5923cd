#pragma once
// Where in a JSON value something lies: keys and places separated by dots, "*" for every place of a list.
//
//   text            {"text": …}
//   meta.lang       {"meta": {"lang": …}}
//   turns.*.text    {"turns": [{"text": …}, {"text": …}]}
//   turns.0.text    of the first one only
//   a\.b            a key with a dot in it

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::data {

// The steps of a path; InputError for an empty one.
std::vector<std::string> json_path(std::string_view path);

struct PathStep;

// Several paths as one tree, so that a value is walked once for all of them. What stands at a place of a list that one
// path names and another means by "*" belongs to both.
struct PathTree {
  std::vector<size_t> columns;      // paths, by number, that end here
  std::vector<PathStep> keys;       // on from here, where an object is
  std::vector<PathStep> places;     // where a list is, at the places that are named
  std::vector<PathTree> elsewhere;  // at its other places: one or none

  static PathTree of(std::span<const std::vector<std::string>> paths);
};

struct PathStep {
  PathStep(std::string key_of_step, size_t place_of_step, PathTree tree_behind);

  // Whether a string is this key, written without escapes. `text` is what stands behind its quote and before the token
  // that follows it; eight bytes can be read.
  bool is_written_at(const char* text, const char* following) const {
    uint64_t found;
    std::memcpy(&found, text, sizeof(found));
    if (((found ^ head) & head_mask) != 0) return false;
    return key.size() < sizeof(found) || (static_cast<size_t>(following - text) > key.size() &&
                                          text[key.size()] == '"' && std::memcmp(text, key.data(), key.size()) == 0);
  }

  uint64_t head = 0, head_mask = 0;  // the first bytes of the key and of the quote behind it
  int64_t taken_by = 0;              // for who walks: the object in which the key was met last
  bool is_plain;                     // the key is written without escapes
  std::string key;
  size_t place;
  PathTree next;
};

}  // namespace heddle::data
