#pragma once
// A text on its way through the pipeline, which knows for each of its bytes where in the original it came from.
//
// Tracking costs eight bytes per byte and time; who wants ids alone leaves it off. A text nobody changed is a view of
// the original, and copies nothing in either case.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/text/utf8.h"

namespace heddle::text {

// Bytes [begin, end) of a text.
struct Span {
  uint32_t begin, end;
  bool operator==(const Span&) const = default;
};

class AlignedText {
 public:
  // `original` is valid UTF-8 that outlives this object; its first byte stands at `base` of what the caller calls the
  // original. Throws InputError for 4 GiB and more.
  AlignedText(std::string_view original, bool tracked, size_t base = 0);

  std::string_view text() const { return changed_ ? std::string_view(buffer_) : original_; }
  bool tracked() const { return tracked_; }
  bool begins_original() const { return base_ == 0; }
  // Where the code point that holds text()[byte] came from; tracked texts, or such that nobody changed.
  Span origin(size_t byte) const;

 private:
  friend class Rewrite;

  std::string_view original_;
  uint32_t base_;
  bool tracked_;
  bool changed_ = false;
  std::string buffer_;
  std::vector<Span> origins_;  // by byte, once changed
};

// One pass over a text that writes its successor, code point by code point, in the text's own order. What is not
// read by the time of finish() is dropped. Throws InputError when strings put in make the text 256 times as long as the
// original, and more than 64 KiB.
class Rewrite {
 public:
  explicit Rewrite(AlignedText& text) : text_(text), old_(text.text()) { new_.reserve(old_.size() + old_.size() / 8); }

  bool at_end() const { return at_ == old_.size(); }
  size_t at() const { return at_; }               // bytes read
  size_t written() const { return new_.size(); }  // bytes
  int32_t next() const { return decode(old_.data() + at_).value; }

  // The next `bytes` bytes stay as they are.
  void keep(size_t bytes);
  void keep_next() { keep(static_cast<size_t>(decode(old_.data() + at_).length)); }
  void keep_all() { keep(old_.size() - at_); }
  // The next ASCII characters, up to the first that is none, become what `table` says; -1: they are dropped.
  using AsciiTable = std::array<signed char, 128>;
  void map_ascii(const AsciiTable& table) { map_ascii(table, ascii_prefix(old_.substr(at_))); }
  void map_ascii(const AsciiTable& table, size_t bytes);  // the next `bytes` bytes, all of them ASCII
  // The same for a table that changes nothing.
  void keep_ascii() { keep(ascii_prefix(old_.substr(at_))); }
  // c stands in place of the next code point; at the end of the text it is as insert(c).
  void put(int32_t c);
  // c is new: it comes from where the code point before it, in the old text, came from.
  void insert(int32_t c);
  // The same, but it comes from where the code point behind it comes from. Not at the end.
  void insert_before_next(int32_t c);
  // The next `bytes` bytes are dropped.
  void drop(size_t bytes) { at_ += bytes; }
  void drop_next() { at_ += static_cast<size_t>(decode(old_.data() + at_).length); }
  void insert(std::string_view content);
  // `prefix` goes before the next code point, and both come from where that one came from. Not at the end.
  void prepend(std::string_view prefix);
  // All of these in one number: 1, insert(c); 0, put(c); −n, put(c) and the n code points after it are dropped.
  void change(int32_t c, int change);

  // The text becomes what was written.
  void finish();

 private:
  void write(int32_t c, Span origin);
  void check_growth(size_t more) const;

  AlignedText& text_;
  std::string_view old_;
  size_t at_ = 0;
  std::string new_;
  std::vector<Span> origins_;
};

}  // namespace heddle::text
