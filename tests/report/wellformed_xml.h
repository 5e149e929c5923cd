#pragma once
// A small checker of well-formed XML: tags nest, attributes are quoted and unique, entities are
// known, and every character is one that XML allows. No declarations, comments or CDATA: we write
// none.

#include <cctype>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/base/utf8.h"

namespace heddle::report {

class XmlChecker {
 public:
  // What is wrong with the document; empty: it is well-formed.
  static std::string problem(std::string_view text) {
    XmlChecker checker{text};
    checker.document();
    return checker.problem_;
  }

 private:
  explicit XmlChecker(std::string_view text) : text_(text) {}

  bool fail(const std::string& what) {
    if (problem_.empty())
      problem_ = what + " at byte " + std::to_string(at_) + ": " + std::string(text_.substr(at_, 40));
    return false;
  }
  bool next_is(std::string_view part) const { return text_.substr(at_).starts_with(part); }
  bool take(std::string_view part) {
    if (!next_is(part)) return false;
    at_ += part.size();
    return true;
  }
  std::string name() {
    const size_t begin = at_;
    while (at_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '-' || text_[at_] == ':'))
      ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }
  void space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  // One character of text or of a value.
  bool character() {
    if (take("&amp;") || take("&lt;") || take("&gt;") || take("&quot;") || take("&#39;")) return true;
    if (text_[at_] == '&' || text_[at_] == '<') return fail("a bare & or <");
    const CodePoint point = read_code_point(text_, at_);
    const bool allowed = point.value == '\t' || point.value == '\n' || point.value == '\r' ||
                         (point.value >= 0x20 && point.value != 0xFFFE && point.value != 0xFFFF);
    if (!allowed) return fail("a character that XML does not allow");
    at_ += static_cast<size_t>(point.length);
    return true;
  }
  bool attributes() {
    std::set<std::string> seen;
    for (space(); at_ < text_.size() && !next_is(">") && !next_is("/>"); space()) {
      const std::string key = name();
      if (key.empty() || !seen.insert(key).second) return fail("an attribute without or with a repeated name");
      if (!take("=\"")) return fail("an attribute without a quoted value");
      while (at_ < text_.size() && text_[at_] != '"')
        if (!character()) return false;
      if (!take("\"")) return fail("a value without end");
    }
    return true;
  }
  bool tag(std::vector<std::string>& open) {
    if (take("</")) {
      const std::string closed = name();
      if (open.empty() || open.back() != closed || !take(">")) return fail("a tag is closed that is not open");
      open.pop_back();
      return true;
    }
    take("<");
    const std::string opened = name();
    if (opened.empty()) return fail("a tag without a name");
    if (!attributes()) return false;
    if (take("/>")) return true;
    if (!take(">")) return fail("a tag without end");
    open.push_back(opened);
    return true;
  }
  void document() {
    std::vector<std::string> open;
    if (!next_is("<")) fail("no root");
    while (problem_.empty() && at_ < text_.size()) {
      if (next_is("<")) tag(open);
      else if (open.empty() && text_[at_] == '\n') ++at_;
      else if (open.empty()) fail("text outside the root");
      else character();
      if (open.empty() && ++roots_ > 2) fail("a second root");  // the root's end, and one newline
    }
    if (problem_.empty() && !open.empty()) fail("<" + open.back() + "> is not closed");
  }

  std::string_view text_;
  size_t at_ = 0;
  int roots_ = 0;
  std::string problem_;
};

}  // namespace heddle::report
