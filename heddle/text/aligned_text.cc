#include "heddle/text/aligned_text.h"

#include <limits>

#include "heddle/base/error.h"

namespace heddle::text {

AlignedText::AlignedText(std::string_view original, bool tracked, size_t base)
    : original_(original), base_(static_cast<uint32_t>(base)), tracked_(tracked) {
  if (base + original.size() >= std::numeric_limits<uint32_t>::max())
    fail_input("a text of {} bytes is too long for a tokenizer; give it in parts below 4 GiB", base + original.size());
}

Span AlignedText::origin(size_t byte) const {
  if (changed_) return origins_[byte];
  while (is_continuation(original_[byte])) --byte;
  const auto begin = base_ + static_cast<uint32_t>(byte);
  return {begin, begin + static_cast<uint32_t>(decode(original_.data() + byte).length)};
}

void Rewrite::keep(size_t bytes) {
  new_.append(old_, at_, bytes);
  if (text_.tracked_)
    for (size_t i = 0; i < bytes; ++i) origins_.push_back(text_.origin(at_ + i));
  at_ += bytes;
}

void Rewrite::map_ascii(const AsciiTable& table, size_t run) {
  const size_t before = new_.size();
  new_.resize(before + run);
  char* to = new_.data() + before;
  for (const char* from = old_.data() + at_; from < old_.data() + at_ + run; ++from) {
    const signed char c = table[static_cast<size_t>(*from)];
    *to = c;
    to += c >= 0;
  }
  new_.resize(static_cast<size_t>(to - new_.data()));
  if (text_.tracked_)
    for (size_t i = 0; i < run; ++i)
      if (table[static_cast<size_t>(old_[at_ + i])] >= 0) origins_.push_back(text_.origin(at_ + i));
  at_ += run;
}

void Rewrite::write(int32_t c, Span origin) {
  if (c < 0x80) new_ += static_cast<char>(c);
  else append_utf8(new_, c);
  if (text_.tracked_) origins_.resize(new_.size(), origin);
}

void Rewrite::put(int32_t c) {
  if (at_end()) return insert(c);
  write(c, text_.tracked_ ? text_.origin(at_) : Span{});
  drop_next();
}

void Rewrite::insert(int32_t c) {
  const Span start = {text_.base_, text_.base_};  // nothing stands before the first
  write(c, !text_.tracked_ ? Span{} : at_ == 0 ? start : text_.origin(at_ - 1));
}

void Rewrite::insert_before_next(int32_t c) { write(c, text_.tracked_ ? text_.origin(at_) : Span{}); }

void Rewrite::check_growth(size_t more) const {
  constexpr size_t kTimes = 256, kAlways = 1 << 16;
  if (new_.size() + more > kTimes * text_.original_.size() + kAlways)
    fail_input("the normalizer makes more than {} bytes of a text of {}; check what it puts in", new_.size(),
               text_.original_.size());
}

void Rewrite::insert(std::string_view content) {
  check_growth(content.size());
  for (size_t i = 0; i < content.size();) {
    const CodePoint point = decode(content.data() + i);
    insert(point.value);
    i += static_cast<size_t>(point.length);
  }
}

void Rewrite::prepend(std::string_view prefix) {
  const int32_t first = next();
  const CodePoint lead = decode(prefix.data());
  put(lead.value);
  insert(prefix.substr(static_cast<size_t>(lead.length)));
  insert(first);
}

void Rewrite::change(int32_t c, int change) {
  if (change > 0) return insert(c);
  put(c);
  for (; change < 0 && !at_end(); ++change) drop_next();
}

void Rewrite::finish() {
  text_.buffer_ = std::move(new_);
  text_.origins_ = std::move(origins_);
  text_.changed_ = true;
}

}  // namespace heddle::text
