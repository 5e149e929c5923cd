#include "heddle/data/listops.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <vector>

#include "heddle/base/error.h"

namespace heddle::data {
namespace {

constexpr std::array<const char*, 4> kOperators = {"[MIN", "[MAX", "[MED", "[SM"};
constexpr uint64_t kFewest = 2, kMost = 5;  // arguments

int value_of(size_t operation, std::vector<int> arguments) {
  if (operation == 3) {
    int sum = 0;
    for (int argument : arguments) sum += argument;
    return sum % 10;
  }
  std::ranges::sort(arguments);
  if (operation == 0) return arguments.front();
  if (operation == 1) return arguments.back();
  const size_t middle = arguments.size() / 2;
  return arguments.size() % 2 ? arguments[middle] : (arguments[middle - 1] + arguments[middle]) / 2;
}

// Writes an expression of at most `words` words behind `text`; returns its value and how many words it took.
struct Drawn {
  int value;
  int64_t words;
};

Drawn draw_part(RandomStream& random, int64_t words, int64_t depth, std::string& text) {
  const auto least = static_cast<int64_t>(kFewest) + 2;
  if (depth == 0 || words < least) {
    const int digit = static_cast<int>(random.below(10));
    text += static_cast<char>('0' + digit);
    return {digit, 1};
  }
  const size_t operation = random.below(kOperators.size());
  const uint64_t count =
      kFewest + random.below(std::min<uint64_t>(kMost, static_cast<uint64_t>(words) - 2) - kFewest + 1);
  text += kOperators[operation];
  std::vector<int> arguments;
  int64_t used = 2;
  for (uint64_t i = 0; i < count; ++i) {
    text += ' ';
    // An even share of what is left, so that expressions come near the length that is asked for.
    const int64_t share = (words - used) / static_cast<int64_t>(count - i);
    const Drawn part = draw_part(random, share, depth - 1, text);
    arguments.push_back(part.value);
    used += part.words;
  }
  text += " ]";
  return {value_of(operation, std::move(arguments)), used};
}

struct Reader {
  std::istringstream words;
  int64_t read = 0;

  std::string next() {
    std::string word;
    if (!(words >> word)) fail_input("the expression ends after word {}, inside a bracket", read);
    ++read;
    return word;
  }
  int value(const std::string& word, int depth) {
    if (word.size() == 1 && word[0] >= '0' && word[0] <= '9') return word[0] - '0';
    const auto operation = std::ranges::find(kOperators, word);
    if (operation == kOperators.end() || depth > 1000)
      fail_input("word {} of the expression, \"{}\", is neither a digit nor an operator", read, word);
    std::vector<int> arguments;
    for (std::string part = next(); part != "]"; part = next()) arguments.push_back(value(part, depth + 1));
    if (arguments.empty()) fail_input("the operator that ends at word {} has no argument", read);
    return value_of(static_cast<size_t>(operation - kOperators.begin()), std::move(arguments));
  }
};

}  // namespace

TextPair draw_listops(RandomStream& random, const ListOpsSizes& sizes) {
  const auto shortest = static_cast<int64_t>(kFewest) + 2;
  if (sizes.most_words < shortest || sizes.least_words > sizes.most_words || sizes.deepest < 1)
    fail_input("expressions of {} to {} words, {} deep, cannot be: at least {} words and one operator",
               sizes.least_words, sizes.most_words, sizes.deepest, shortest);
  TextPair pair;
  for (int attempt = 0;; ++attempt) {
    const int64_t from = std::max(shortest, sizes.least_words);
    const auto words = from + static_cast<int64_t>(random.below(static_cast<uint64_t>(sizes.most_words - from + 1)));
    pair.source.clear();
    const Drawn drawn = draw_part(random, words, sizes.deepest, pair.source);
    pair.target = std::to_string(drawn.value);
    if (drawn.words >= sizes.least_words) return pair;
    if (attempt == 1000)
      fail_input("no expression of at least {} words in a thousand; raise the depth from {}", sizes.least_words,
                 sizes.deepest);
  }
}

int evaluate_listops(const std::string& expression) {
  Reader reader{std::istringstream(expression)};
  const int value = reader.value(reader.next(), 0);
  std::string rest;
  if (reader.words >> rest)
    fail_input("word {} of the expression, \"{}\", stands behind its end", reader.read + 1, rest);
  return value;
}

}  // namespace heddle::data
