#pragma once
// Drawings as SVG text. Everything that comes from outside is escaped.

#include <string>
#include <string_view>

namespace heddle::report {

// & < > " ' as entities; control characters are dropped, what is not UTF-8 becomes U+FFFD.
std::string escape(std::string_view text);

class Svg {
 public:
  Svg(double width, double height, std::string_view title);

  void line(double x1, double y1, double x2, double y2, std::string_view colour, double stroke = 1);
  void polyline(std::string_view points, std::string_view colour);
  void rectangle(double x, double y, double width, double height, std::string_view colour, std::string_view tooltip = {});
  // anchor: start, middle or end; degrees turn around (x, y).
  void text(double x, double y, std::string_view content, std::string_view anchor = "start", double degrees = 0);

  std::string finish() { return body_ + "</svg>\n"; }

 private:
  std::string body_;
};

}  // namespace heddle::report
