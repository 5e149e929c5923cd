#pragma once
// Regular expressions as the `tokenizers` library reads them: Oniguruma's Ruby syntax over UTF-8.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace heddle::text {

class Regex {
 public:
  static constexpr size_t kLongestPattern = 1 << 16;  // bytes

  // Throws InputError for what is no pattern, or a longer one.
  explicit Regex(std::string pattern);

  const std::string& pattern() const { return pattern_; }

  // Calls use(begin, end) for each match from left to right, in bytes; valid UTF-8. An empty match right after another
  // match does not count. Throws InputError when the pattern tries too many ways on this text.
  void find_all(std::string_view text, const std::function<void(size_t begin, size_t end)>& use) const;

 private:
  struct Compiled;

  std::string pattern_;
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace heddle::text
