#include "heddle/lab/answer.h"

#include <fmt/format.h>

#include "heddle/lab/embedded.h"

namespace heddle::lab {
namespace {

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

std::string section(std::string_view file, std::string_view title) {
  const std::string heading = fmt::format("\n## {}\n", title);
  const size_t begin = file.find(heading);
  if (begin == std::string_view::npos) return {};
  std::string_view text = file.substr(begin + heading.size());
  text = text.substr(0, text.find("\n## "));
  return std::string(trimmed(text));
}

}  // namespace

Bilingual read_answer(std::string_view file) { return {section(file, "English"), section(file, "中文")}; }

std::optional<Bilingual> answer_of(int row) {
  const auto file = embedded_file(fmt::format("docs/answers/{:03}.md", row));
  if (!file) return std::nullopt;
  return read_answer(*file);
}

std::vector<QuotedFigure> quoted_figures(std::string_view answer) {
  std::vector<QuotedFigure> quoted;
  for (size_t open = answer.find("<!--"); open != std::string_view::npos; open = answer.find("<!--", open + 4)) {
    const size_t close = answer.find("-->", open);
    if (close == std::string_view::npos) break;
    size_t begin = open;
    while (begin > 0 && std::string_view("0123456789.e+-").find(answer[begin - 1]) != std::string_view::npos) --begin;
    quoted.push_back({std::string(answer.substr(begin, open - begin)),
                      std::string(trimmed(answer.substr(open + 4, close - open - 4)))});
  }
  return quoted;
}

}  // namespace heddle::lab
