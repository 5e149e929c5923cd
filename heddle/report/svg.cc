#include "heddle/report/svg.h"

#include <fmt/format.h>

#include "heddle/base/utf8.h"

namespace heddle::report {

std::string escape(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const CodePoint point = read_code_point(text, at);
    const std::string_view character = text.substr(at, static_cast<size_t>(point.length));
    at += character.size();
    switch (point.value) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      case -1:
      case 0xFFFE:  // XML has no place for these two
      case 0xFFFF: out += "\xEF\xBF\xBD"; break;
      default:
        if (point.value >= 0x20 || point.value == '\n' || point.value == '\t') out += character;
    }
  }
  return out;
}

namespace {

// At least what a letter takes at 12 px in the wider sans-serif fonts (DejaVu Sans: a digit 7.6, "=" 10.1).
double letter_width(int64_t letter) {
  if (letter >= 0x2000) return 12;  // dashes, arrows, signs; scripts of the far east and emoji
  if (letter >= 0x80) return 10;
  const auto is_one_of = [&](std::string_view some) { return some.find(static_cast<char>(letter)) != some.npos; };
  if (is_one_of("WMm%@")) return 12;
  if (is_one_of("w=+<>~^#&")) return 10.1;
  return letter >= 'A' && letter <= 'Z' ? 9.5 : 7.7;
}

}  // namespace

double text_width(std::string_view text) {
  double width = 0;
  for (size_t at = 0; at < text.size();) {
    const CodePoint point = read_code_point(text, at);
    at += static_cast<size_t>(point.length);
    width += letter_width(point.value);
  }
  return width;
}

std::string shortened(std::string_view text, double width) {
  if (text_width(text) <= width) return std::string(text);
  size_t end = 0;
  for (double used = 12; end < text.size();) {  // the ellipsis' own width
    const auto length = static_cast<size_t>(read_code_point(text, end).length);
    used += text_width(text.substr(end, length));
    if (used > width) break;
    end += length;
  }
  return std::string(text.substr(0, end)) + "…";
}

Svg::Svg(double width, double height, std::string_view title)
    : body_(fmt::format(
          "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" role=\"img\" "
          "font-family=\"sans-serif\" font-size=\"12\"><title>{2}</title>\n"
          "<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n",
          width, height, escape(title))) {}

void Svg::line(double x1, double y1, double x2, double y2, std::string_view colour, double stroke) {
  body_ +=
      fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\" stroke-width=\"{}\"/>\n",
                  x1, y1, x2, y2, escape(colour), stroke);
}

void Svg::polyline(std::string_view points, std::string_view colour, std::string_view dashes) {
  body_ +=
      fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.5\"", points, escape(colour));
  if (!dashes.empty()) body_ += fmt::format(" stroke-dasharray=\"{}\"", escape(dashes));
  body_ += "/>\n";
}

void Svg::polygon(std::string_view points, std::string_view colour, double opacity) {
  body_ += fmt::format("<polygon points=\"{}\" fill=\"{}\" fill-opacity=\"{}\"/>\n", points, escape(colour), opacity);
}

void Svg::circle(double x, double y, double radius, std::string_view colour, std::string_view tooltip) {
  body_ += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\" fill=\"{}\">", x, y, radius, escape(colour));
  if (!tooltip.empty()) body_ += "<title>" + escape(tooltip) + "</title>";
  body_ += "</circle>\n";
}

void Svg::rectangle(double x, double y, double width, double height, std::string_view colour,
                    std::string_view tooltip) {
  body_ += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\">", x, y, width,
                       height, escape(colour));
  if (!tooltip.empty()) body_ += "<title>" + escape(tooltip) + "</title>";
  body_ += "</rect>\n";
}

void Svg::text(double x, double y, std::string_view content, std::string_view anchor, double degrees) {
  body_ += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"", x, y, anchor);
  if (degrees != 0) body_ += fmt::format(" transform=\"rotate({} {:.1f} {:.1f})\"", degrees, x, y);
  body_ += ">" + escape(content) + "</text>\n";
}

}  // namespace heddle::report
