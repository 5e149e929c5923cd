#pragma once
// Writing a tokenizer.json: objects and lists in the order in which they are told.

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace heddle::text {

class JsonWriter {
 public:
  void begin_object();
  void end_object() { end('}'); }
  // `in_a_row`: on one line, however much there is.
  void begin_list(bool in_a_row = false);
  void end_list();
  void key(std::string_view name);

  void value(std::string_view text);
  void value(const char* text) { value(std::string_view(text)); }
  void value(bool flag) { plain(flag ? "true" : "false"); }
  void value(double number);  // the shortest text that reads back as the same number
  void value(std::integral auto number) { plain(std::to_string(number)); }
  void null() { plain("null"); }

  template <class Value>
  void member(std::string_view name, const Value& content) {
    key(name);
    value(content);
  }

  // What was written, with a line feed at its end; the writer is spent.
  std::string take();

 private:
  void plain(std::string_view text);
  void place();  // a comma and an indent, where one is due
  void end(char bracket);

  std::string text_;
  int depth_ = 0;
  bool first_ = true;  // of its object or list
  bool after_key_ = false;
  bool in_a_row_ = false;
};

}  // namespace heddle::text
