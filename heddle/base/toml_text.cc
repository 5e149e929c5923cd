#include "heddle/base/toml_text.h"

#include <algorithm>

namespace heddle {
namespace {

// The place behind the string that begins with the quote at `at`.
size_t string_end(std::string_view toml, size_t at) {
  const char quote = toml[at];
  const bool triple = toml.substr(at, 3) == std::string_view(quote == '"' ? "\"\"\"" : "'''");
  const std::string_view close = toml.substr(at, triple ? 3 : 1);
  for (size_t i = at + close.size(); i < toml.size(); ++i) {
    if (toml[i] == '\\' && quote == '"') ++i;
    else if (toml.substr(i, close.size()) == close) {
      i += close.size();
      for (int more = 0; triple && more < 2 && i < toml.size() && toml[i] == quote; ++more) ++i;
      return i;  // a text in three quotes may itself end with two
    } else if (toml[i] == '\n' && !triple) return i;
  }
  return toml.size();
}

}  // namespace

int64_t line_of_endless_key(std::string_view toml) {
  int parts = 1;
  for (size_t at = 0; at < toml.size();) {
    const char c = toml[at];
    if (c == '"' || c == '\'') {
      at = string_end(toml, at);
      continue;
    }
    if (c == '#') {
      at = std::min(toml.find('\n', at), toml.size());
      continue;
    }
    if (c == '.' && ++parts > kMostKeyParts)
      return 1 + std::count(toml.begin(), toml.begin() + static_cast<long>(at), '\n');
    if (std::string_view("=,[]{}\n").find(c) != std::string_view::npos) parts = 1;
    ++at;
  }
  return 0;
}

}  // namespace heddle
