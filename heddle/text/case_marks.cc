#include "heddle/text/case_marks.h"

#include "heddle/text/unicode/case.h"
#include "heddle/text/unicode/properties.h"
#include "heddle/text/utf8.h"

namespace heddle::text {
namespace {

constexpr int32_t kOne = 0x21E7, kRun = 0x21EA, kEnd = 0x21E9;  // ⇧ ⇪ ⇩

bool is_mark(int32_t c) { return c == kOne || c == kRun || c == kEnd; }
bool is_letter(int32_t c) { return properties_of(c).is_letter(); }

// What `text` has at a place; 0 beyond its end.
int32_t at(std::string_view text, size_t place) { return place < text.size() ? decode(text.data() + place).value : 0; }
size_t behind(std::string_view text, size_t place) {
  return place < text.size() ? place + static_cast<size_t>(decode(text.data() + place).length) : place;
}

// The mark that the capital at `place` needs before it; 0: none, inside of a run of them.
int32_t mark_for(std::string_view text, size_t place) {
  if (place > 0 && is_capital(decode_before(text, place).value)) return 0;
  return is_capital(at(text, behind(text, place))) ? kRun : kOne;
}

}  // namespace

void CaseMarks::apply(AlignedText& text) const {
  const std::string_view old = text.text();
  if (old.empty()) return;
  Rewrite out(text);
  const bool prefix = options_.prefix_space && text.begins_original();
  if (prefix) {
    if (is_capital(out.next())) out.insert_before_next(mark_for(old, 0));
    out.insert_before_next(' ');
  }
  int capitals = 0;  // of the run that ends here
  while (!out.at_end()) {
    const size_t place = out.at();
    const int32_t c = out.next();
    const size_t letter = place + (c == ' ');
    if (is_capital(at(old, letter))) {
      const int32_t mark = prefix && place == 0 && c != ' ' ? 0 : mark_for(old, letter);
      if (mark != 0) out.insert_before_next(mark);
      if (c == ' ') out.keep_next();
      out.put(lower_case(at(old, letter)).first);
      capitals = c == ' ' ? 1 : capitals + 1;
      continue;
    }
    if (is_mark(c) || (capitals > 1 && is_letter(c))) out.insert_before_next(kEnd);
    out.keep_next();
    capitals = 0;
  }
  out.finish();
}

std::string CaseMarksDecoder::restored(std::string_view text) const {
  std::string out;
  int32_t mark = 0;    // what holds for the letters that come
  bool fresh = false;  // no letter has come since
  for (size_t place = 0; place < text.size();) {
    const int32_t c = at(text, place);
    place = behind(text, place);
    if (is_mark(c)) {
      if (options_.words_are_joined && at(text, place) == ' ') ++place;
      mark = c == kEnd ? 0 : c;
      fresh = true;
      if (c != kEnd) continue;
      if (is_mark(at(text, place))) {
        append_utf8(out, at(text, place));
        place = behind(text, place);
      } else if (options_.words_are_joined && out.ends_with(' ')) {
        out.pop_back();
      }
      continue;
    }
    const bool lifts = mark != 0 && is_letter(c);
    append_utf8(out, lifts ? capital_of(c) : c);
    if (!(lifts && mark == kRun) && !(fresh && c == ' ')) mark = 0;
    fresh = false;
  }
  if (options_.prefix_space && out.starts_with(' ')) out.erase(0, 1);
  return out;
}

std::vector<std::string> CaseMarksDecoder::decode(std::vector<std::string> tokens) const {
  std::string text;
  for (const std::string& token : tokens) text += token;
  return {restored(text)};
}

namespace {

void write_case_marks(JsonWriter& json, const CaseMarkOptions& options) {
  json.member("type", "HeddleCaseMarks");
  json.member("prefix_space", options.prefix_space);
  json.member("words_are_joined", options.words_are_joined);
}

}  // namespace

void CaseMarks::write(JsonWriter& json) const { write_case_marks(json, options_); }
void CaseMarksDecoder::write(JsonWriter& json) const { write_case_marks(json, options_); }

CaseMarkOptions read_case_marks(const JsonView& json) {
  return {.prefix_space = json.flag_or("prefix_space", false),
          .words_are_joined = json.flag_or("words_are_joined", false)};
}

}  // namespace heddle::text
