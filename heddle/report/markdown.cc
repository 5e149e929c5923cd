#include "heddle/report/markdown.h"

#include <algorithm>
#include <vector>

#include "heddle/base/utf8.h"

namespace heddle::report {
namespace {

// `begin` … `end` around a text at text[at]: the text between them, and what follows.
struct Span {
  std::string_view inside;
  size_t after;
};
bool span_at(std::string_view text, size_t at, std::string_view begin, std::string_view end, Span& span) {
  if (!text.substr(at).starts_with(begin)) return false;
  const size_t from = at + begin.size(), close = text.find(end, from);
  if (close == std::string_view::npos || close == from) return false;
  span = {text.substr(from, close - from), close + end.size()};
  return true;
}

Markup inline_markup(std::string_view text) {
  Markup all;
  size_t plain = 0;
  for (size_t at = 0; at < text.size();) {
    Span span{}, target{};
    Markup found;
    size_t after = 0;
    if (span_at(text, at, "`", "`", span)) {
      found = Markup::code(span.inside);
      after = span.after;
    } else if (span_at(text, at, "**", "**", span)) {
      found = Markup::strong(span.inside);
      after = span.after;
    } else if (span_at(text, at, "[", "]", span) && span_at(text, span.after, "(", ")", target)) {
      found = Markup(span.inside);
      if (target.inside != span.inside) found += Markup(" (") + Markup(target.inside) + Markup(")");
      after = target.after;
    }
    if (after == 0) {
      ++at;
      continue;
    }
    all += Markup(text.substr(plain, at - plain)) + found;
    plain = at = after;
  }
  return all += Markup(text.substr(plain));
}

bool is_wide(std::string_view text, size_t at) { return read_code_point(text, at).value >= 0x2E80; }

// Lines of one paragraph; no space is added where Chinese meets Chinese.
void join(std::string& text, std::string_view line) {
  size_t last = text.size();
  while (last > 0 && (static_cast<unsigned char>(text[--last]) & 0xC0) == 0x80) {
  }
  const bool chinese = !text.empty() && !line.empty() && is_wide(text, last) && is_wide(line, 0);
  if (!text.empty() && !chinese) text += ' ';
  text += line;
}

class Reader {
 public:
  Reader(Page& page, int level) : page_(page), level_(level) {}

  void line(std::string_view line) {
    if (line.starts_with("```")) {
      end_block();
      if (in_code_) page_.preformatted(code_);
      code_.clear();
      in_code_ = !in_code_;
    } else if (in_code_) {
      code_ += std::string(line) + "\n";
    } else if (line.find_first_not_of(" \t\r") == std::string_view::npos) {
      end_block();
    } else if (const size_t marks = line.find_first_not_of('#');
               marks > 0 && marks < line.size() && line[marks] == ' ') {
      end_block();
      page_.heading(std::string(line.substr(marks + 1)), std::clamp(static_cast<int>(marks) + level_, 2, 4));
    } else if (line.starts_with("- ")) {
      if (items_.empty()) end_block();
      items_.emplace_back(line.substr(2));
    } else {
      line.remove_prefix(line.find_first_not_of(" \t"));
      join(items_.empty() ? paragraph_ : items_.back(), line);
    }
  }

  void end_block() {
    if (!paragraph_.empty()) page_.paragraph(inline_markup(paragraph_));
    std::vector<Markup> items;
    for (const std::string& item : items_) items.push_back(inline_markup(item));
    if (!items.empty()) page_.list(items);
    paragraph_.clear();
    items_.clear();
  }

  void finish() {
    end_block();
    if (in_code_) page_.preformatted(code_);
  }

 private:
  Page& page_;
  int level_;
  std::string paragraph_, code_;
  std::vector<std::string> items_;
  bool in_code_ = false;
};

}  // namespace

std::string without_comments(std::string_view text) {
  std::string kept;
  while (true) {
    const size_t open = text.find("<!--");
    kept += text.substr(0, open);
    if (open == std::string_view::npos) return kept;
    const size_t close = text.find("-->", open + 4);
    if (close == std::string_view::npos) return kept;
    text.remove_prefix(close + 3);
  }
}

void add_markdown(Page& page, std::string_view text, int level) {
  const std::string visible = without_comments(text);
  Reader reader(page, level);
  for (size_t at = 0; at < visible.size();) {
    const size_t end = std::min(visible.find('\n', at), visible.size());
    reader.line(std::string_view(visible).substr(at, end - at));
    at = end + 1;
  }
  reader.finish();
}

}  // namespace heddle::report
