#include "heddle/text/inspection/token_strip.h"

#include <fmt/format.h>

#include "heddle/text/utf8.h"

namespace heddle::text {

std::vector<report::StripCell> token_strip(const Tokenizer& tokenizer, std::string_view text) {
  const Encoding encoding = tokenizer.encode_full(text);
  std::vector<report::StripCell> cells;
  for (size_t i = 0; i < encoding.size(); ++i) {
    const auto [begin, end] = encoding.offsets[i];
    cells.push_back({encoding.tokens[i],
                     {fmt::format("{}", encoding.ids[i]), begin < end ? fmt::format("{}–{}", begin, end) : "–"}});
  }
  return cells;
}

}  // namespace heddle::text
