#pragma once
// Protobuf's wire format, as far as reading needs it: a message is a list of fields, each a number, a kind of value,
// and the value. A message within is bytes, read by a reader of its own.

#include <cstdint>
#include <string>
#include <string_view>

namespace heddle::text {

class ProtobufReader {
 public:
  // `message` outlives the reader; `where` names it in errors, as in "spm.model: trainer_spec".
  ProtobufReader(std::string_view message, std::string where) : rest_(message), where_(std::move(where)) {}

  // Moves to the next field; false: there is none. Throws InputError, here and below, for what is cut off or no field.
  bool next();
  uint32_t field() const { return field_; }

  // The field's value. Throws InputError when it is of another kind.
  uint64_t whole() const;
  bool flag() const { return whole() != 0; }
  float number() const;
  std::string_view bytes() const;
  std::string text() const;  // bytes that must be UTF-8

  const std::string& where() const { return where_; }

 private:
  enum class Kind : uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };
  uint64_t take_varint();
  uint64_t take_fixed(size_t bytes);
  void expect(Kind kind) const;

  std::string_view rest_;
  std::string where_;
  uint32_t field_ = 0;
  Kind kind_ = Kind::varint;
  uint64_t value_ = 0;
  std::string_view bytes_;
};

}  // namespace heddle::text
