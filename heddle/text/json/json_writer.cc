#include "heddle/text/json/json_writer.h"

#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace heddle::text {

void JsonWriter::place() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (depth_ == 0) return;
  if (!first_) text_ += ',';
  const bool begins = std::exchange(first_, false);
  if (in_a_row_) {
    if (!begins) text_ += ' ';
    return;
  }
  text_ += '\n';
  text_.append(static_cast<size_t>(depth_), ' ');
}

void JsonWriter::begin_object() {
  plain("{");
  ++depth_;
  first_ = true;
}

void JsonWriter::begin_list(bool in_a_row) {
  plain("[");
  ++depth_;
  first_ = true;
  in_a_row_ = in_a_row;
}

void JsonWriter::end_list() {
  end(']');
  in_a_row_ = false;
}

void JsonWriter::end(char bracket) {
  --depth_;
  if (!first_ && !in_a_row_) {
    text_ += '\n';
    text_.append(static_cast<size_t>(depth_), ' ');
  }
  text_ += bracket;
  first_ = false;
}

void JsonWriter::key(std::string_view name) {
  value(name);
  text_ += ": ";
  after_key_ = true;
}

void JsonWriter::plain(std::string_view text) {
  place();
  text_ += text;
}

void JsonWriter::value(double number) {
  // JSON has no infinity; what is written reads back as one.
  if (std::isinf(number)) return plain(number > 0 ? "1e999" : "-1e999");
  std::string text = fmt::format("{}", number);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  plain(text);
}

void JsonWriter::value(std::string_view text) {
  place();
  text_ += '"';
  for (char c : text) {
    switch (c) {
      case '"': text_ += "\\\""; break;
      case '\\': text_ += "\\\\"; break;
      case '\n': text_ += "\\n"; break;
      case '\t': text_ += "\\t"; break;
      case '\r': text_ += "\\r"; break;
      case '\b': text_ += "\\b"; break;
      case '\f': text_ += "\\f"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) text_ += fmt::format("\\u{:04x}", static_cast<int>(c));
        else text_ += c;
    }
  }
  text_ += '"';
}

std::string JsonWriter::take() {
  text_ += '\n';
  return std::move(text_);
}

}  // namespace heddle::text
