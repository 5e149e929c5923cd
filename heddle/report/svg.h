#pragma once
// Drawings as SVG text. Everything that comes from outside is escaped.

#include <string>
#include <string_view>

namespace heddle::report {

// & < > " ' as entities; control characters are dropped, what is not UTF-8 becomes U+FFFD.
std::string escape(std::string_view text);

// How wide a text is drawn at 12 px, in px: a careful guess, since fonts differ.
double text_width(std::string_view text);
// The text, or as much of its beginning as fits, with an ellipsis.
std::string shortened(std::string_view text, double width);

class Svg {
 public:
  Svg(double width, double height, std::string_view title);

  void line(double x1, double y1, double x2, double y2, std::string_view colour, double stroke = 1);
  // points: "x,y x,y …"; `dashes` as SVG's stroke-dasharray.
  void polyline(std::string_view points, std::string_view colour, std::string_view dashes = {});
  void polygon(std::string_view points, std::string_view colour, double opacity);
  void circle(double x, double y, double radius, std::string_view colour, std::string_view tooltip = {});
  void rectangle(double x, double y, double width, double height, std::string_view colour,
                 std::string_view tooltip = {});
  // anchor: start, middle or end; degrees turn around (x, y).
  void text(double x, double y, std::string_view content, std::string_view anchor = "start", double degrees = 0);

  std::string finish() { return body_ + "</svg>\n"; }

 private:
  std::string body_;
};

}  // namespace heddle::report
