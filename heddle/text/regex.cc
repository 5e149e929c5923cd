#include "heddle/text/regex.h"

#include <array>
#include <bit>
#include <vector>

#include <oniguruma.h>

#include "heddle/base/error.h"
#include "heddle/text/unicode/properties.h"
#include "heddle/text/utf8.h"

namespace heddle::text {
namespace {

// Patterns that backtrack without end are stopped here. A search gets a few tries, and four times as many again and
// again while they do not suffice; these count towards what a text may cost, which keeps that linear in the text.
constexpr unsigned long kFirstTries = 128, kMostTries = 10'000'000, kMostTriesPerByte = 64;
constexpr unsigned int kMostStack = 16 << 20;  // entries of about 30 bytes

std::string message(int code, OnigErrorInfo* info) {
  UChar text[ONIG_MAX_ERROR_MESSAGE_LEN];
  const int length = info ? onig_error_code_to_str(text, code, info) : onig_error_code_to_str(text, code);
  return {reinterpret_cast<const char*>(text), static_cast<size_t>(length)};
}

constexpr std::string_view kWord = "word of patterns";

// The general categories that \p{…} names most follow the tables of this program, whose Unicode is the tokenizers
// library's: Oniguruma looks for properties of its user first. It takes no more than twenty. (What is not among them,
// and \b, follows the Unicode of the system's Oniguruma.)
void define_properties() {
  constexpr const char* kNames[] = {"L",  "M",  "N",  "P",  "S",  "Lu", "Ll", "Lt", "Lm", "Lo",
                                    "Mn", "Mc", "Nd", "Nl", "No", "Pd", "Po", "Sm", "So", kWord.data()};
  constexpr std::string_view kCategories[] = {"Cn", "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd",
                                              "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm",
                                              "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Co", "Cs"};
  static std::array<std::vector<OnigCodePoint>, std::size(kNames)> ranges;  // each: how many, then first and last
  for (auto& range : ranges) range = {0};
  constexpr uint32_t kWordBit = uint32_t{1} << (std::size(kNames) - 1);
  std::array<uint32_t, std::size(kCategories)> names_of{};  // a bit for each name, by category
  for (size_t k = 0; k < names_of.size(); ++k)
    for (size_t i = 0; i < ranges.size(); ++i)
      if (kNames[i] != kWord && kCategories[k].starts_with(kNames[i])) names_of[k] |= uint32_t{1} << i;
  uint32_t names = 0;  // that the code point before has
  for (OnigCodePoint c = 0; c <= 0x110000; ++c) {
    uint32_t now = 0;
    if (c < 0x110000) {
      const Properties& properties = properties_of(static_cast<int32_t>(c));
      now = names_of[properties.category_number] | (properties.is_pattern_word() ? kWordBit : 0);
    }
    for (uint32_t changed = now ^ names; changed != 0; changed &= changed - 1) {
      const int bit = std::countr_zero(changed);
      std::vector<OnigCodePoint>& range = ranges[static_cast<size_t>(bit)];
      range[0] += now >> bit & 1;
      range.push_back(now >> bit & 1 ? c : c - 1);
    }
    names = now;
  }
  for (size_t i = 0; i < ranges.size(); ++i)
    HEDDLE_CHECK(onig_unicode_define_user_property(kNames[i], ranges[i].data()) == ONIG_NORMAL,
                 "Oniguruma takes no property {}", kNames[i]);
}

// The pattern with \w and \d, which are built in, by the properties above.
std::string with_properties(std::string_view pattern) {
  std::string result;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char next = pattern[i] == '\\' && i + 1 < pattern.size() ? pattern[i + 1] : '\0';
    switch (next) {
      case 'w': result += fmt::format("\\p{{{}}}", kWord); break;
      case 'W': result += fmt::format("\\P{{{}}}", kWord); break;
      case 'd': result += "\\p{Nd}"; break;
      case 'D': result += "\\P{Nd}"; break;
      default:
        result += pattern[i];
        if (next) result += next;
    }
    i += next != '\0';
  }
  return result;
}

struct Match {
  OnigRegion* region = onig_region_new();
  OnigMatchParam* limits = onig_new_match_param();

  Match() {
    onig_initialize_match_param(limits);
    onig_set_match_stack_limit_size_of_match_param(limits, kMostStack);
  }
  Match(const Match&) = delete;
  Match& operator=(const Match&) = delete;
  ~Match() {
    onig_region_free(region, 1);
    onig_free_match_param(limits);
  }
};

}  // namespace

struct Regex::Compiled {
  regex_t* regex = nullptr;
  ~Compiled() {
    if (regex) onig_free(regex);
  }
};

Regex::Regex(std::string pattern) : pattern_(std::move(pattern)) {
  if (pattern_.size() > kLongestPattern)
    fail_input("a pattern of {} bytes is longer than any tokenizer's; the limit is {}", pattern_.size(),
               kLongestPattern);
  [[maybe_unused]] static const bool ready = [] {
    OnigEncoding encodings[] = {ONIG_ENCODING_UTF8};
    onig_initialize(encodings, 1);
    define_properties();
    return true;
  }();
  auto compiled = std::make_shared<Compiled>();
  const std::string written = with_properties(pattern_);
  const auto* begin = reinterpret_cast<const UChar*>(written.data());
  OnigErrorInfo info;
  const int code = onig_new(&compiled->regex, begin, begin + written.size(), ONIG_OPTION_NONE, ONIG_ENCODING_UTF8,
                            ONIG_SYNTAX_RUBY, &info);
  if (code != ONIG_NORMAL) {
    compiled->regex = nullptr;
    fail_input("the pattern \"{}\" cannot be read: {}", pattern_.substr(0, 200), message(code, &info));
  }
  compiled_ = std::move(compiled);
}

void Regex::find_all(std::string_view text, const std::function<void(size_t, size_t)>& use) const {
  const Match match;
  const auto* begin = reinterpret_cast<const UChar*>(text.data());
  const auto* end = begin + text.size();
  unsigned long left = kMostTries + kMostTriesPerByte * text.size();
  const auto search = [&](size_t at) {
    for (unsigned long tries = kFirstTries;; tries *= 4) {
      onig_set_retry_limit_in_match_of_match_param(match.limits, tries);
      onig_set_retry_limit_in_search_of_match_param(match.limits, tries);
      const int found = onig_search_with_param(compiled_->regex, begin, end, begin + at, end, match.region,
                                               ONIG_OPTION_NONE, match.limits);
      const bool is_over = found == ONIGERR_RETRY_LIMIT_IN_MATCH_OVER || found == ONIGERR_RETRY_LIMIT_IN_SEARCH_OVER;
      if (!is_over || tries > left) return found;
      left -= tries;
    }
  };
  bool matched = false;
  size_t last_end = 0;
  for (size_t at = 0; at <= text.size();) {
    const int found = search(at);
    if (found == ONIG_MISMATCH) return;
    if (found < 0)
      fail_input("the pattern \"{}\" gave up on a text of {} bytes ({}); simplify the pattern", pattern_.substr(0, 200),
                 text.size(), message(found, nullptr));
    const auto from = static_cast<size_t>(match.region->beg[0]), to = static_cast<size_t>(match.region->end[0]);
    if (from == to && matched && last_end == to) {
      if (at == text.size()) return;
      at += static_cast<size_t>(decode(text.data() + at).length);
      continue;
    }
    at = last_end = to;
    matched = true;
    use(from, to);
  }
}

}  // namespace heddle::text
