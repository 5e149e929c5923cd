#pragma once
// JSON, an object a line, or a whole file of JSON; parsed by simdjson (Langdale & Lemire 2019).
//
// Values become text: strings as they are, numbers in the shortest form that reads back the same, true and false,
// nothing for null; objects and lists at the end of a path as they stand.

#include "heddle/data/readers/record_reader.h"

namespace heddle::data {

inline constexpr int64_t kLargestJsonFile = int64_t{64} << 20;  // bytes, unpacked

// What to read (heddle/data/readers/json_path.h); with no paths, those of the first object, four levels deep. A row
// that lacks a path has no value there.
struct JsonColumns {
  std::vector<std::string> paths = {};
  bool needed = true;  // the first object must have them all
};

// Both throw InputError for what is no JSON, and for a line that is no object.
std::unique_ptr<RecordReader> open_jsonl(const std::filesystem::path& file, const JsonColumns& columns,
                                         const ReadLimits& limits);
// A file that is one list of objects, a row each, or one object, one row; over several lines.
std::unique_ptr<RecordReader> open_json(const std::filesystem::path& file, const JsonColumns& columns,
                                        const ReadLimits& limits);

}  // namespace heddle::data
