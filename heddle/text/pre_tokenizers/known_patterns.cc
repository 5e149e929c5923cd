#include "heddle/text/pre_tokenizers/known_patterns.h"

#include "heddle/text/pre_tokenizers/scan.h"

namespace heddle::text {
namespace {

// Rules::match(scan, at) is the end of the match that begins at `at`; `at` itself: none does.
template <class Rules>
void split_by(std::string_view text, uint32_t base, std::vector<uint32_t>& begins) {
  const Scan scan(text);
  const auto emit = [&](size_t begin, size_t end) {
    if (begin < end) begins.push_back(base + static_cast<uint32_t>(begin));
  };
  size_t gap = 0;
  for (size_t at = 0; at < scan.size();) {
    const size_t end = Rules::match(scan, at);
    if (end == at) {
      at += scan.see(at).length;
      continue;
    }
    emit(gap, at);
    emit(at, end);
    at = gap = end;
  }
  emit(gap, scan.size());
}

// The length of a contraction at `at` in any case, or 0; the long s (U+017F) is an s.
size_t contraction_of_any_case(const Scan& scan, size_t at) {
  if (at >= scan.size() || scan.byte(at) != '\'' || at + 1 >= scan.size()) return 0;
  const auto small = [&](size_t place) { return place < scan.size() ? scan.byte(place) | 0x20 : 0; };
  switch (small(at + 1)) {
    case 's':
    case 't':
    case 'm':
    case 'd': return static_cast<signed char>(scan.byte(at + 1)) > 0 ? 2 : 0;
    case 'r':
    case 'v': return small(at + 2) == 'e' ? 3 : 0;
    case 'l': return small(at + 2) == 'l' ? 3 : 0;
    default: return scan.code_point(at + 1) == 0x17F ? 3 : 0;
  }
}

// What the patterns since cl100k end with: ` ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`.
size_t match_rest(const Scan& scan, size_t at, bool slash_ends_line) {
  const size_t body = scan.byte(at) == ' ' ? at + 1 : at;
  if (body < scan.size() && !scan.is(body, kWord)) {
    size_t end = scan.run_without(body, kWord);
    while (end < scan.size() &&
           (scan.byte(end) == '\r' || scan.byte(end) == '\n' || (slash_ends_line && scan.byte(end) == '/')))
      ++end;
    return end;
  }
  if (const size_t end = scan.space_to_line_end(at); end > at) return end;
  return scan.space(at);
}

// (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,kDigits}| …; kEndSpace: white space at the text's end
// stays together, line ends or not (\s++$).
template <int kDigits, bool kEndSpace = false>
struct Cl100k {
  static size_t match(const Scan& scan, size_t at) {
    if (const size_t length = contraction_of_any_case(scan, at)) return at + length;
    const Scan::Seen first = scan.see(at);
    if (first.kinds & kLetter) return scan.run(at, kLetter);
    if (first.kinds & kNumber) return scan.run(at, kNumber, kDigits);
    if (!(first.kinds & kLineEnd) && scan.is(at + first.length, kLetter)) return scan.run(at + first.length, kLetter);
    if (kEndSpace && (first.kinds & kSpace) && scan.run(at, kSpace) == scan.size()) return scan.size();
    return match_rest(scan, at, false);
  }
};

// Words in which small letters follow large ones, each with a contraction at its end; see the pattern.
struct O200k {
  // [U]*[l]+ from `at`, or `at`: the longest run of U, then of l; if no l follows, U gives back what is an l as well.
  static size_t lower_word(const Scan& scan, size_t at) {
    size_t end = at, both = at;
    bool has_both = false;
    while (end < scan.size()) {
      const Scan::Seen seen = scan.see(end);
      if (!(seen.kinds & kUpper)) break;
      end += seen.length;
      if (!(seen.kinds & kLower)) continue;
      both = end;
      has_both = true;
    }
    if (const size_t lower = scan.run(end, kLower); lower > end) return lower;
    return has_both ? both : at;
  }
  // [U]+[l]* from `at`, or `at`.
  static size_t upper_word(const Scan& scan, size_t at) {
    const size_t end = scan.run(at, kUpper);
    return end > at ? scan.run(end, kLower) : at;
  }
  static size_t match(const Scan& scan, size_t at) {
    const Scan::Seen first = scan.see(at);
    if (first.kinds & kNumber) return scan.run(at, kNumber, 3);
    const size_t body = first.kinds & (kLineEnd | kLetter) ? at : at + first.length;  // after an optional sign
    for (const auto word : {lower_word, upper_word})
      for (const size_t begin : {body, at}) {
        const size_t end = word(scan, begin);
        if (end > begin) return end + contraction_of_any_case(scan, end);
      }
    return match_rest(scan, at, true);
  }
};

struct DeepSeekDigits {
  static size_t match(const Scan& scan, size_t at) { return scan.run(at, kNumber, 3); }
};

// Chinese characters and kana.
struct DeepSeekCjk {
  static bool is_cjk(int32_t c) { return (c >= 0x4E00 && c <= 0x9FA5) || (c >= 0x3040 && c <= 0x30FF); }
  static size_t match(const Scan& scan, size_t at) {
    while (at < scan.size() && is_cjk(scan.code_point(at))) at += 3;
    return at;
  }
};

struct DeepSeekWords {
  static bool is_ascii_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
  static size_t match(const Scan& scan, size_t at) {
    const Scan::Seen first = scan.see(at);
    if (first.length == 1 && (first.kinds & (kPunctuation | kSymbol))) {
      size_t end = at + 1;
      while (end < scan.size() && is_ascii_letter(scan.byte(end))) ++end;
      if (end > at + 1) return end;
    }
    if (first.kinds & (kLetter | kMark)) return scan.run(at, kLetter | kMark);
    if (!(first.kinds & (kLineEnd | kPunctuation | kSymbol)) && scan.is(at + first.length, kLetter | kMark))
      return scan.run(at + first.length, kLetter | kMark);
    const size_t body = scan.byte(at) == ' ' ? at + 1 : at;
    if (scan.is(body, kPunctuation | kSymbol)) {
      size_t end = scan.run(body, kPunctuation | kSymbol);
      while (end < scan.size() && (scan.byte(end) == '\r' || scan.byte(end) == '\n')) ++end;
      return end;
    }
    if (!(first.kinds & kSpace)) return at;
    if (const size_t end = scan.space_to_line_end(at); end > at) return end;
    return scan.space(at);
  }
};

struct Bloom {
  static bool is_word(const Scan& scan, size_t at) {
    if (scan.is(at, kSpace)) return false;
    switch (scan.code_point(at)) {
      case '(':
      case ')':
      case '|':
      case '.':
      case ',':
      case '!':
      case '?':
      case 0x2026:  // …
      case 0x3002:  // 。
      case 0xFF0C:  // ，
      case 0x3001:  // 、
      case 0x0964:  // ।
      case 0x06D4:  // ۔
      case 0x060C:  // ،
        return false;
      default: return true;
    }
  }
  static size_t match(const Scan& scan, size_t at) {
    const size_t body = scan.byte(at) == ' ' ? at + 1 : at;
    size_t end = body;
    while (end < scan.size() && is_word(scan, end)) end += scan.see(end).length;
    return end > body ? end : at;
  }
};

// The marks of heddle/text/case_marks.h.
struct CaseMark {
  static size_t match(const Scan& scan, size_t at) {
    if (static_cast<unsigned char>(scan.byte(at)) != 0xE2) return at;
    const int32_t c = scan.code_point(at);
    return c == 0x21E7 || c == 0x21E9 || c == 0x21EA ? at + scan.see(at).length : at;
  }
};

constexpr const char* kGpt2 = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

}  // namespace

const std::vector<KnownPattern>& known_patterns() {
  static const std::vector<KnownPattern> patterns = {
      {"gpt2", kGpt2, split_gpt2},
      {"llama3",
       R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
       split_by<Cl100k<3>>},
      {"cl100k",
       R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|)"
       R"(\s++$|\s*[\r\n]+|\s+(?!\S)|\s+)",
       split_by<Cl100k<3, true>>},
      {"qwen",
       R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
       split_by<Cl100k<1>>},
      {"o200k",
       R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|)"
       R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|)"
       R"(\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
       split_by<O200k>},
      {"deepseek_digits", R"(\p{N}{1,3})", split_by<DeepSeekDigits>},
      {"deepseek_cjk", "[一-龥\u3040-ゟ゠-ヿ]+", split_by<DeepSeekCjk>},
      {"deepseek_words",
       R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^)"
       "\r\n"
       R"(\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[)"
       "\r\n"
       R"(]*|\s*[)"
       "\r\n"
       R"(]+|\s+(?!\S)|\s+)",
       split_by<DeepSeekWords>},
      {"bloom", " ?[^(\\s|[.,!?…。，、।۔،])]+", split_by<Bloom>},
      {"case_marks", "[⇧⇪⇩]", split_by<CaseMark>},
  };
  return patterns;
}

SplitFunction known_split(std::string_view pattern) {
  for (const KnownPattern& known : known_patterns())
    if (pattern == known.pattern) return known.split;
  return nullptr;
}

}  // namespace heddle::text
