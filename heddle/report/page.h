#pragma once
// One HTML file that needs nothing else: text, tables and drawings.

#include <string>
#include <vector>

namespace heddle::report {

class Page {
 public:
  explicit Page(const std::string& title);

  void heading(const std::string& text);
  void paragraph(const std::string& text);
  void table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows);
  void figure(const std::string& svg, const std::string& caption);
  std::string finish() const { return body_ + "</main></body></html>\n"; }

 private:
  std::string body_;
};

}  // namespace heddle::report
