#include "heddle/text/formats/protobuf.h"

#include <bit>

#include "heddle/base/error.h"
#include "heddle/base/utf8.h"

namespace heddle::text {

uint64_t ProtobufReader::take_varint() {
  uint64_t value = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    if (rest_.empty()) fail_input("{}: the file ends in the middle of a number; it is cut off", where_);
    const auto byte = static_cast<unsigned char>(rest_[0]);
    rest_.remove_prefix(1);
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  fail_input("{}: a number has more than ten bytes; this is no protobuf message", where_);
}

uint64_t ProtobufReader::take_fixed(size_t bytes) {
  if (rest_.size() < bytes) fail_input("{}: the file ends in the middle of a number; it is cut off", where_);
  uint64_t value = 0;
  for (size_t i = bytes; i-- > 0;) value = value << 8 | static_cast<unsigned char>(rest_[i]);
  rest_.remove_prefix(bytes);
  return value;
}

bool ProtobufReader::next() {
  if (rest_.empty()) return false;
  const uint64_t key = take_varint();
  constexpr uint64_t kLargestField = (uint64_t{1} << 29) - 1;
  if (key >> 3 == 0 || key >> 3 > kLargestField)
    fail_input("{}: there is a field with the number {}; this is no protobuf message", where_, key >> 3);
  field_ = static_cast<uint32_t>(key >> 3);
  kind_ = static_cast<Kind>(key & 7);
  switch (kind_) {
    case Kind::varint: value_ = take_varint(); return true;
    case Kind::fixed64: value_ = take_fixed(8); return true;
    case Kind::fixed32: value_ = take_fixed(4); return true;
    case Kind::bytes: {
      const uint64_t size = take_varint();
      if (size > rest_.size())
        fail_input("{}: field {} says that it has {} bytes, {} are left; the file is cut off or damaged", where_,
                   field_, size, rest_.size());
      bytes_ = rest_.substr(0, size);
      rest_.remove_prefix(size);
      return true;
    }
  }
  fail_input("{}: field {} is of the unknown kind {}; this is no protobuf message", where_, field_, key & 7);
}

void ProtobufReader::expect(Kind kind) const {
  if (kind_ != kind)
    fail_input("{}: field {} has a value of kind {}, expected kind {}", where_, field_, static_cast<int>(kind_),
               static_cast<int>(kind));
}

uint64_t ProtobufReader::whole() const {
  expect(Kind::varint);
  return value_;
}

float ProtobufReader::number() const {
  expect(Kind::fixed32);
  return std::bit_cast<float>(static_cast<uint32_t>(value_));
}

std::string_view ProtobufReader::bytes() const {
  expect(Kind::bytes);
  return bytes_;
}

std::string ProtobufReader::text() const {
  if (!is_valid_utf8(bytes())) fail_input("{}: field {} must be a text in UTF-8 and is not", where_, field_);
  return std::string(bytes_);
}

}  // namespace heddle::text
