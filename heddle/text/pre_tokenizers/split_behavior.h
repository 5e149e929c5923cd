#pragma once
// What becomes of the delimiters at which a text is cut. Of "the-final--countdown" cut at "-":
//   removed               the  final  countdown
//   isolated              the  -  final  -  -  countdown
//   merged_with_previous  the-  final-  -  countdown
//   merged_with_next      the  -final  -  -countdown
//   contiguous            the  -  final  --  countdown

#include <cstddef>
#include <string_view>

#include "heddle/text/json/json_view.h"
#include "heddle/text/unicode/properties.h"
#include "heddle/text/utf8.h"

namespace heddle::text {

enum class SplitBehavior { removed, isolated, merged_with_previous, merged_with_next, contiguous };

// By the name in tokenizer.json ("MergedWithPrevious").
SplitBehavior read_split_behavior(const JsonView& json);
const char* name_of(SplitBehavior behavior);

// Is told from left to right what is a delimiter and what lies between, and emits the pieces that come of it.
template <class Emit>
class Cutter {
 public:
  Cutter(SplitBehavior behavior, Emit& emit) : behavior_(behavior), emit_(emit) {}

  void push(size_t begin, size_t end, bool delimiter) {
    switch (behavior_) {
      case SplitBehavior::removed:
        if (!delimiter) emit_(begin, end);
        break;
      case SplitBehavior::isolated: emit_(begin, end); break;
      case SplitBehavior::merged_with_previous: grow(begin, end, delimiter && !last_); break;
      case SplitBehavior::merged_with_next: grow(begin, end, !delimiter && last_); break;
      case SplitBehavior::contiguous: grow(begin, end, delimiter == last_); break;
    }
    last_ = delimiter;
  }
  void finish() {
    if (waits_) emit_(begin_, end_);
    waits_ = false;
  }

 private:
  // The part goes to the one that waits, or waits in its place.
  void grow(size_t begin, size_t end, bool joins) {
    if (waits_ && joins) {
      end_ = end;
      return;
    }
    finish();
    begin_ = begin;
    end_ = end;
    waits_ = true;
  }

  SplitBehavior behavior_;
  Emit& emit_;
  bool last_ = false;  // whether the part before was a delimiter
  bool waits_ = false;
  size_t begin_ = 0, end_ = 0;
};

// Cuts `text` at every code point for which is_delimiter(Properties, code point) holds.
template <class IsDelimiter, class Emit>
void cut_at(std::string_view text, SplitBehavior behavior, Emit& emit, IsDelimiter is_delimiter) {
  const PropertyTable& table = PropertyTable::instance();
  Cutter<Emit> cutter(behavior, emit);
  size_t begin = 0, at = 0;
  while (at < text.size()) {
    const CodePoint point = decode(text.data() + at);
    const size_t next = at + static_cast<size_t>(point.length);
    if (is_delimiter(table[point.value], point.value)) {
      if (begin < at) cutter.push(begin, at, false);
      cutter.push(at, next, true);
      begin = next;
    }
    at = next;
  }
  if (begin < at) cutter.push(begin, at, false);
  cutter.finish();
}

}  // namespace heddle::text
