#include "heddle/model/mask_text.h"

#include <charconv>
#include <cmath>
#include <vector>

namespace heddle::model {
namespace {

using kernels::Mask;

constexpr int kDeepest = 32;
constexpr int64_t kLargest = 1 << 30;
constexpr int64_t kMostDraws = 64;  // each is looked up for each block of a tile
constexpr size_t kMostBiases = 8;
constexpr double kLargestScore = 1e4;

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
      if (!mask.biases().empty()) fail("a bias hides nothing and has no opposite; negate the mask within it");
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
    if (name == "document") return Mask::document();
    if (name == "padding") return Mask::padding();
    if (name == "window") return Mask::window(argument(1));
    if (name == "dilated") return Mask::dilated(argument(1));
    if (name == "prefix") return Mask::prefix(argument(0));
    if (name == "block") return Mask::block(argument(1));
    if (name == "global") return Mask::global(argument(0));
    if (name == "before_block") return before_block();
    if (name == "block_sparse") return block_sparse();
    if (name == "arbitrary") return arbitrary();
    if (name == "bias") return bias();
    at_ -= name.size();
    fail("choose " + mask_values());
  }
  Mask before_block() {
    expect('(');
    const int64_t size = whole_number(1);
    expect(',');
    const int64_t length = whole_number(0);
    expect(')');
    return Mask::before_block(size, length);
  }
  Mask block_sparse() {
    expect('(');
    const int64_t size = whole_number(1);
    expect(',');
    const int64_t draws = whole_number(0, kMostDraws);
    const auto seed = static_cast<uint32_t>(take(',') ? whole_number(0) : 0);
    expect(')');
    return Mask::block_sparse(size, draws, seed);
  }
  Mask arbitrary() {
    std::vector<kernels::KeyRange> keys;
    expect('(');
    if (!take(')')) {
      do {
        const int64_t first = whole_number(0);
        const int64_t last = rest().starts_with("..") ? (at_ += 2, whole_number(first)) : first;
        keys.push_back({first, last + 1});
      } while (take(','));
      expect(')');
    }
    return Mask::arbitrary(keys);
  }
  Mask bias() {
    expect('(');
    const Mask where = either();
    if (!where.biases().empty()) fail("a bias within a bias; write them side by side, joined by &");
    expect(',');
    const double score = number();
    expect(')');
    return Mask::bias(where, score);
  }
  // Masks have few parts; the kernel's own check names none of this text.
  Mask join(const Mask& a, const Mask& b, bool and_) const {
    if (a.parts() + b.parts() + 1 > Mask::kMostParts) fail("it has too many parts");
    if (a.biases().size() + b.biases().size() > kMostBiases) fail("it has too many biases");
    if (!and_ && !(a.biases().empty() && b.biases().empty()))
      fail("a bias hides nothing, so that | says nothing about it; join it by &");
    return and_ ? a & b : a | b;
  }

  int64_t argument(int64_t least) {
    expect('(');
    const int64_t value = whole_number(least);
    expect(')');
    return value;
  }
  int64_t whole_number(int64_t least, int64_t most = kLargest) {
    skip_spaces();
    int64_t value = 0;
    const char* first = text_.data() + at_;
    const auto [end, error] = std::from_chars(first, text_.data() + text_.size(), value);
    if (error != std::errc() || value < least || value > most)
      fail("expected a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    at_ += static_cast<size_t>(end - first);
    return value;
  }
  double number() {
    skip_spaces();
    double value = 0;
    const char* first = text_.data() + at_;
    const auto [end, error] = std::from_chars(first, text_.data() + text_.size(), value);
    if (error != std::errc() || !(std::abs(value) <= kLargestScore)) fail("expected a number between -10000 and 10000");
    at_ += static_cast<size_t>(end - first);
    return value;
  }
  std::string_view word() {
    skip_spaces();
    const size_t begin = at_;
    while (at_ < text_.size() && ((text_[at_] >= 'a' && text_[at_] <= 'z') || text_[at_] == '_')) ++at_;
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

std::string mask_values() {
  return "full, causal, window(w), dilated(s), prefix(k), block(b), before_block(b, m), diagonal, global(k), "
         "block_sparse(b, r), document, "
         "padding, arbitrary(0, 5, 9..12), bias(mask, x)";
}

Mask mask_from_text(std::string_view text) { return MaskParser(text).whole(); }

}  // namespace heddle::model
