#pragma once
// One JSON object's text as the values of a record.
//
// simdjson finds where tokens begin; one walk over them takes the values that the paths lead to and checks the grammar
// of all. What the walk doubts, such as a number beyond the usual, simdjson's whole parser decides. A string without
// escapes is a view of the text.

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/data/readers/json_path.h"
#include "heddle/data/readers/json_reader.h"
#include "heddle/data/readers/json_scalars.h"

namespace heddle::data {

class JsonRow {
 public:
  JsonRow();
  ~JsonRow();

  // Finds the tokens of `text`, behind which LineReader::kPadding bytes may be read; false for what can be no JSON,
  // such as broken UTF-8. The text must stay as long as a record filled from it.
  bool parse(std::string_view text);
  bool is_object() const;
  // Throws what is wrong with the text parsed last, which is no JSON object.
  [[noreturn]] void fail(const std::string& place);

  // The columns, from the object parsed last, which is the first. Throws if it is no JSON.
  std::vector<std::string> choose(const JsonColumns& wanted, const std::string& place);
  // The values of the text parsed last; false if that is no JSON.
  bool fill(Record& record);

 private:
  struct Parser;
  using Place = const uint32_t*;  // of a token's place in the text

  void find_tokens();
  bool parse_whole();
  Place take(Place token, PathTree* tree, int depth);
  Place take_object(Place token, PathTree* tree, int depth);
  Place take_list(Place token, PathTree* tree, int depth);
  bool allows(int depth);
  bool is_scalar(Place token);
  bool is_string(const char* quote, const char* next);
  bool note(JsonVerdict verdict);
  void add_value(const PathTree& tree, const char* begin, Place behind);
  PathStep* step_for(const char* quote, const char* next, PathTree& tree, size_t& hint);
  std::string_view string_between(const char* quote, const char* next);
  std::string_view scalar_between(const char* begin, const char* next);
  std::string& new_text();

  std::unique_ptr<Parser> parser_;
  PathTree tree_;
  std::string_view text_;
  Place token_ = nullptr;                              // where the first token begins in text_
  Place end_ = nullptr;                                // behind the last of them, which the text's end follows
  bool has_escapes_ = false;                           // the text has backslashes
  bool is_doubtful_ = false;                           // the walk met what it cannot judge
  int64_t objects_ = 0;                                // walked so far
  std::vector<std::vector<std::string_view>> values_;  // by column
  std::deque<std::string> made_;  // values that are written otherwise in the text; used_ of them in this record
  size_t used_ = 0;
};

}  // namespace heddle::data
