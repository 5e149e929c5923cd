#pragma once
// One JSON object's text as the values of a record.
//
// simdjson checks the whole text and finds where its tokens begin; from these places the values that the paths lead to
// are taken, and what no path leads to is passed over token by token. A string without escapes is a view of the text.

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/data/readers/json_path.h"
#include "heddle/data/readers/json_reader.h"

namespace heddle::data {

class JsonRow {
 public:
  JsonRow();
  ~JsonRow();

  // Parses `text`, behind which LineReader::kPadding bytes may be read; false for what is no JSON. The text must stay
  // as long as a record filled from it.
  bool parse(std::string_view text);
  // Throws what was wrong with the text parsed last, if anything.
  void check(const std::string& place) const;
  bool is_object() const;

  // The columns, from the object parsed last, which is the first.
  std::vector<std::string> choose(const JsonColumns& wanted, const std::string& place);
  void fill(Record& record);

 private:
  struct Parser;

  void take(PathTree& tree);
  void take_object(PathTree& tree);
  void take_list(PathTree& tree);
  void pass_over();
  PathStep* step_for(const char* quote, const char* next, PathTree& tree, size_t& hint);
  std::string_view string_between(const char* quote, const char* next);
  std::string_view scalar_between(const char* begin, const char* next);
  std::string& new_text();

  std::unique_ptr<Parser> parser_;
  PathTree tree_;
  const char* text_ = nullptr;
  const uint32_t* token_ = nullptr;                    // where the next token begins in text_
  int64_t objects_ = 0;                                // walked so far
  std::vector<std::vector<std::string_view>> values_;  // by column
  std::deque<std::string> made_;  // values that are written otherwise in the text; used_ of them in this record
  size_t used_ = 0;
};

}  // namespace heddle::data
