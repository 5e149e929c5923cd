#include "heddle/report/strip.h"

#include <fmt/format.h>

#include <algorithm>

#include "heddle/base/utf8.h"
#include "heddle/report/svg.h"

namespace heddle::report {
namespace {

constexpr int kGroundCount = 5;
// Dark letters on grounds of the 256 colours: yellow, blue, green, red and violet, all pale.
constexpr int kGrounds[kGroundCount] = {229, 153, 157, 217, 183};

// Control characters, which would move a terminal's cursor, as the pictures that Unicode has of them.
std::string shown(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const CodePoint c = read_code_point(text, at);
    if (c.value >= 0 && c.value < 0x20) append_utf8(out, 0x2400 + c.value);
    else if (c.value == 0x7F) append_utf8(out, 0x2421);
    else if (c.value < 0 || (c.value >= 0x80 && c.value < 0xA0)) append_utf8(out, 0xFFFD);
    else out += text.substr(at, static_cast<size_t>(c.length));
    at += static_cast<size_t>(c.length);
  }
  return out;
}

bool is_combining(int32_t c) {
  return (c >= 0x300 && c < 0x370) || (c >= 0x1AB0 && c < 0x1B00) || (c >= 0x20D0 && c < 0x2100) ||
         (c >= 0xFE00 && c < 0xFE10) || (c >= 0x200B && c < 0x2010);
}

bool is_wide(int32_t c) {
  return (c >= 0x1100 && c < 0x1160) || (c >= 0x2E80 && c < 0xA4D0) || (c >= 0xAC00 && c < 0xD7A4) ||
         (c >= 0xF900 && c < 0xFB00) || (c >= 0xFF00 && c < 0xFF61) || (c >= 0x1F300 && c < 0x1FB00) ||
         (c >= 0x20000 && c < 0x40000);
}

std::string padded(const std::string& text, int width) {
  return text + std::string(static_cast<size_t>(std::max(0, width - terminal_width(text))), ' ');
}

struct TerminalCell {
  std::string text;
  const StripCell* cell;
  int width;
};

std::string terminal_row(const std::vector<TerminalCell>& row, size_t first_colour, bool coloured) {
  std::string out;
  for (size_t i = 0; i < row.size(); ++i) {
    const std::string text = row[i].text;
    const std::string space(static_cast<size_t>(row[i].width - terminal_width(text)), ' ');
    if (coloured)
      out += fmt::format("\x1b[38;5;16;48;5;{}m{}\x1b[0m{}", kGrounds[(first_colour + i) % kGroundCount], text, space);
    else out += "|" + text + space;
  }
  out += coloured ? "\n" : "|\n";
  for (size_t line = 0; line < row[0].cell->below.size(); ++line) {
    std::string small;
    for (const TerminalCell& cell : row) small += (coloured ? "" : " ") + padded(cell.cell->below[line], cell.width);
    small.erase(small.find_last_not_of(' ') + 1);
    out += small + "\n";
  }
  return out;
}

}  // namespace

int terminal_width(std::string_view text) {
  int width = 0;
  for (size_t at = 0; at < text.size();) {
    const CodePoint c = read_code_point(text, at);
    width += is_combining(c.value) ? 0 : is_wide(c.value) ? 2 : 1;
    at += static_cast<size_t>(c.length);
  }
  return width;
}

std::string terminal_strip(const std::vector<StripCell>& cells, int width, bool coloured) {
  std::string out;
  std::vector<TerminalCell> row;
  int used = 0;
  size_t first = 0;
  const auto finish_row = [&](size_t next) {
    if (row.empty()) return;
    if (!out.empty()) out += '\n';
    out += terminal_row(row, first, coloured);
    row.clear();
    used = 0;
    first = next;
  };
  for (size_t i = 0; i < cells.size(); ++i) {
    TerminalCell cell = {shown(cells[i].text), &cells[i], 0};
    cell.width = terminal_width(cell.text);
    for (const std::string& line : cells[i].below) cell.width = std::max(cell.width, terminal_width(line) + 1);
    const int columns = cell.width + (coloured ? 0 : 1);
    if (used + columns > width) finish_row(i);
    used += columns;
    row.push_back(std::move(cell));
  }
  finish_row(cells.size());
  return out;
}

std::string html_strip(const std::vector<StripCell>& cells) {
  std::string out = "<div class=\"strip\">";
  for (const StripCell& cell : cells) {
    out += "<span><code>" + escape(shown(cell.text)) + "</code>";
    for (const std::string& line : cell.below) out += "<small>" + escape(line) + "</small>";
    out += "</span>\n";
  }
  return out + "</div>\n";
}

}  // namespace heddle::report
