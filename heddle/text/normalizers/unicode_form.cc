#include "heddle/text/normalizers/unicode_form.h"

#include <algorithm>

#include "heddle/text/unicode/normalization.h"
#include "heddle/text/unicode/properties.h"

namespace heddle::text {
namespace {

// A code point of the new text.
struct Part {
  int32_t c;
  int change;  // as Rewrite::change takes it
  uint8_t combining_class;
};

// Takes a text apart: yields decomposed code points in canonical order, one starter with its marks at a time.
class Decomposer {
 public:
  Decomposer(std::string_view text, bool compatible) : text_(text), compatible_(compatible) {}

  // False at the end of the text.
  bool next(Part& part) {
    if (given_ == ready_) fill();
    if (given_ == ready_) return false;
    part = parts_[given_++];
    return true;
  }

 private:
  // Reads on until what comes after `ready_` parts can no longer move before them.
  void fill() {
    parts_.erase(parts_.begin(), parts_.begin() + static_cast<std::ptrdiff_t>(given_));
    given_ = 0;
    while (at_ < text_.size()) {
      if (parts_.size() > 1 && parts_.back().combining_class == 0) break;
      const CodePoint point = decode(text_.data() + at_);
      at_ += static_cast<size_t>(point.length);
      push(point.value);
    }
    ready_ = at_ < text_.size() ? parts_.size() - 1 : parts_.size();
    sort_marks();
  }

  void push(int32_t c) {
    int32_t hangul[3];
    const auto parts = decomposition(c, compatible_, hangul);
    if (parts.empty()) parts_.push_back({c, 0, properties_of(c).combining_class});
    for (size_t i = 0; i < parts.size(); ++i)
      parts_.push_back({parts[i], i == 0 ? 0 : 1, properties_of(parts[i]).combining_class});
  }

  void sort_marks() {
    for (size_t i = 0; i < ready_; ++i) {
      size_t end = i;
      while (end < ready_ && parts_[end].combining_class != 0) ++end;
      if (end - i > 1)
        std::stable_sort(parts_.begin() + static_cast<std::ptrdiff_t>(i),
                         parts_.begin() + static_cast<std::ptrdiff_t>(end),
                         [](const Part& a, const Part& b) { return a.combining_class < b.combining_class; });
      i = end;
    }
  }

  std::string_view text_;
  bool compatible_;
  size_t at_ = 0;
  std::vector<Part> parts_;
  size_t given_ = 0, ready_ = 0;
};

// Joins decomposed parts again: a starter with the marks after it that nothing blocks.
void compose(Decomposer& parts, Rewrite& out) {
  std::vector<Part> waiting;  // the starter, then marks that stay
  const auto flush = [&] {
    for (const Part& part : waiting) out.change(part.c, part.change);
    waiting.clear();
  };
  for (Part part; parts.next(part);) {
    if (waiting.empty()) {
      if (part.combining_class == 0) waiting.push_back(part);
      else out.change(part.c, part.change);
      continue;
    }
    const bool has_mark = waiting.size() > 1;
    const bool blocked = has_mark && waiting.back().combining_class >= part.combining_class;
    if (const int32_t joined = blocked ? 0 : composition(waiting[0].c, part.c)) {
      waiting[0] = {joined, waiting[0].change + part.change - 1, 0};
    } else {
      if (part.combining_class == 0) flush();
      waiting.push_back(part);
    }
  }
  flush();
}

}  // namespace

// Only what is not ASCII changes; a letter right before it may take its accent.
void UnicodeNormalizer::apply(AlignedText& text) const {
  const std::string_view old = text.text();
  if (ascii_prefix(old) == old.size()) return;
  const bool composes = form_ == UnicodeForm::nfc || form_ == UnicodeForm::nfkc;
  const bool compatible = form_ == UnicodeForm::nfkc || form_ == UnicodeForm::nfkd;
  Rewrite out(text);
  while (!out.at_end()) {
    const size_t ascii = ascii_prefix(old.substr(out.at())), begin = out.at() + ascii;
    size_t end = begin;
    while (end < old.size() && static_cast<signed char>(old[end]) < 0) ++end;
    const size_t taken = composes && ascii > 0 && end > begin ? 1 : 0;
    out.keep(ascii - taken);
    Decomposer parts(old.substr(out.at(), end - out.at()), compatible);
    if (composes) compose(parts, out);
    else
      for (Part part; parts.next(part);) out.change(part.c, part.change);
  }
  out.finish();
}

void UnicodeNormalizer::write(JsonWriter& json) const {
  constexpr const char* kNames[] = {"NFC", "NFD", "NFKC", "NFKD"};
  json.member("type", kNames[static_cast<size_t>(form_)]);
}

}  // namespace heddle::text
