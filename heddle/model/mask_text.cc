#include "heddle/model/mask_text.h"

#include <charconv>

namespace heddle::model {
namespace {

using kernels::Mask;

constexpr int kDeepest = 32;
constexpr int64_t kLargest = 1 << 30;

class MaskParser {
 public:
  explicit MaskParser(std::string_view text) : text_(text) {}

  Mask whole() {
    const Mask mask = either();
    if (!rest().empty()) fail("expected &, | or the end");
    return mask;
  }

 private:
  Mask either() {
    Mask mask = both();
    while (take('|')) mask = join(mask, both(), false);
    return mask;
  }
  Mask both() {
    Mask mask = negated();
    while (take('&')) mask = join(mask, negated(), true);
    return mask;
  }
  Mask negated() {
    if (++depth_ > kDeepest) fail("it is nested too deeply");
    Mask mask;
    if (take('~')) {
      mask = negated();
      if (mask.parts() + 1 > Mask::kMostParts) fail("it has too many parts");
      mask = ~mask;
    } else if (take('(')) {
      mask = either();
      expect(')');
    } else {
      mask = value();
    }
    --depth_;
    return mask;
  }
  Mask value() {
    const std::string_view name = word();
    if (name == "full") return Mask::full();
    if (name == "causal") return Mask::causal();
    if (name == "diagonal") return Mask::diagonal();
    if (name == "window") return Mask::window(number(1));
    if (name == "dilated") return Mask::dilated(number(1));
    if (name == "prefix") return Mask::prefix(number(0));
    if (name == "block") return Mask::block(number(1));
    at_ -= name.size();
    fail("choose full, causal, window(w), dilated(s), prefix(k), block(b) or diagonal");
  }
  // Masks have few parts; the kernel's own check names none of this text.
  Mask join(const Mask& a, const Mask& b, bool and_) const {
    if (a.parts() + b.parts() + 1 > Mask::kMostParts) fail("it has too many parts");
    return and_ ? a & b : a | b;
  }

  int64_t number(int64_t least) {
    expect('(');
    skip_spaces();
    int64_t value = 0;
    const char* first = text_.data() + at_;
    const auto [end, error] = std::from_chars(first, text_.data() + text_.size(), value);
    if (error != std::errc() || value < least || value > kLargest)
      fail("expected a whole number of at least " + std::to_string(least));
    at_ += static_cast<size_t>(end - first);
    expect(')');
    return value;
  }
  std::string_view word() {
    skip_spaces();
    const size_t begin = at_;
    while (at_ < text_.size() && text_[at_] >= 'a' && text_[at_] <= 'z') ++at_;
    return text_.substr(begin, at_ - begin);
  }
  std::string_view rest() {
    skip_spaces();
    return text_.substr(at_);
  }
  bool take(char c) {
    skip_spaces();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail(std::string("expected ") + c);
  }
  void skip_spaces() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  [[noreturn]] void fail(const std::string& what) const {
    fail_input("model.attention.mask = \"{}\" is no mask, at character {}: {}", text_, at_ + 1, what);
  }

  std::string_view text_;
  size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

Mask mask_from_text(std::string_view text) { return MaskParser(text).whole(); }

}  // namespace heddle::model
