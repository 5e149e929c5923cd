#include "heddle/ops/einsum/expression.h"

#include <algorithm>
#include <map>

#include "heddle/base/error.h"
#include "heddle/base/utf8.h"

namespace heddle::ops {
namespace {

constexpr size_t kLongestText = 1 << 14;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

class Parser {
 public:
  explicit Parser(std::string_view text) { expression_.text = text; }

  EinsumExpression parse() {
    do expression_.operands.push_back(term());
    while (take(','));
    if (expression_.operands.size() > kMostEinsumOperands)
      fail(expression_.operands[kMostEinsumOperands].begin,
           fmt::format("{} operands, but at most {} are joined", expression_.operands.size(), kMostEinsumOperands));
    if (take('-')) {
      if (at_ >= text().size() || text()[at_] != '>') fail(at_, "expected '>' after '-'");
      ++at_;
      expression_.output = term();
      check_output();
    } else {
      make_output();
    }
    if (at_ < text().size()) fail_here();
    return std::move(expression_);
  }

 private:
  const std::string& text() const { return expression_.text; }
  [[noreturn]] void fail(size_t at, const std::string& sentence) const { fail_einsum(text(), at, sentence); }

  void skip_spaces() {
    while (at_ < text().size() && (text()[at_] == ' ' || text()[at_] == '\t')) ++at_;
  }
  bool take(char c) {
    skip_spaces();
    if (at_ >= text().size() || text()[at_] != c) return false;
    ++at_;
    return true;
  }

  EinsumTerm term() {
    skip_spaces();
    EinsumTerm term;
    term.begin = at_;
    for (;; skip_spaces()) {
      skip_spaces();
      if (at_ >= text().size()) return term;
      if (is_letter(text()[at_])) {
        term.letters += text()[at_];
        term.at.push_back(at_++);
      } else if (text()[at_] == '.') {
        if (text().compare(at_, 3, "...") != 0) fail(at_, "an ellipsis is three dots, \"...\"");
        if (term.has_ellipsis())
          fail(at_, "a second ellipsis in one term; only one can be told from the other indices");
        term.ellipsis = static_cast<int>(term.letters.size());
        at_ += 3;
      } else {
        return term;
      }
    }
  }

  [[noreturn]] void fail_here() const {
    const auto length = static_cast<size_t>(read_code_point(text(), at_).length);
    const std::string found = text().substr(at_, length);
    if (found == ",") fail(at_, "a comma behind \"->\"; an expression has one result");
    if (found == "-") fail(at_, "a second \"->\"");
    fail(at_, fmt::format("\"{}\" is no index; expected a letter a-z or A-Z, \"...\", a comma or \"->\"", found));
  }

  void check_output() const {
    const EinsumTerm& out = expression_.output;
    for (size_t i = 0; i < out.letters.size(); ++i) {
      const char letter = out.letters[i];
      if (out.letters.find(letter) != i)
        fail(out.at[i],
             fmt::format("the index '{}' stands twice in the result; each of its dimensions has its own", letter));
      const bool known = std::ranges::any_of(expression_.operands, [&](const EinsumTerm& operand) {
        return operand.letters.find(letter) != std::string::npos;
      });
      if (!known) fail(out.at[i], fmt::format("the index '{}' of the result stands in no operand", letter));
    }
  }

  void make_output() {
    std::map<char, int> uses;
    for (const EinsumTerm& operand : expression_.operands) {
      for (const char letter : operand.letters) ++uses[letter];
      if (operand.has_ellipsis()) expression_.output.ellipsis = 0;
    }
    for (const auto& [letter, count] : uses)
      if (count == 1) expression_.output.letters += letter;
    expression_.output.begin = text().size();
    expression_.output.at.assign(expression_.output.letters.size(), text().size());
  }

  EinsumExpression expression_;
  size_t at_ = 0;
};

}  // namespace

void fail_einsum(const std::string& text, size_t at, const std::string& sentence) {
  fail_input("einsum \"{}\", character {}: {}", text, at + 1, sentence);
}

EinsumExpression parse_einsum(std::string_view text) {
  if (text.size() > kLongestText)
    fail_input("an einsum expression of {} characters; at most {} are read", text.size(), kLongestText);
  return Parser(text).parse();
}

}  // namespace heddle::ops
