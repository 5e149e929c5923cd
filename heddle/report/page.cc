#include "heddle/report/page.h"

#include <fmt/format.h>

#include "heddle/report/page_style.h"
#include "heddle/report/svg.h"

namespace heddle::report {

Page::Page(const std::string& title, const std::string& language, const std::vector<Markup>& navigation) {
  body_ = fmt::format(
      "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
      "<title>{}</title>\n<style>{}</style></head>\n<body><main>",
      escape(language), escape(title), kPageStyle);
  if (!navigation.empty()) {
    body_ += "<nav>";
    for (const Markup& item : navigation) body_ += "<span>" + item.html() + "</span>";
    body_ += "</nav>\n";
  }
  body_ += "<h1>" + escape(title) + "</h1>\n";
}

void Page::heading(const std::string& text, int level, const std::string& anchor) {
  const std::string id = anchor.empty() ? "" : fmt::format(" id=\"{}\"", escape(anchor));
  body_ += fmt::format("<h{0}{1}>{2}</h{0}>\n", level, id, escape(text));
}

void Page::paragraph(const Markup& text) { body_ += "<p>" + text.html() + "</p>\n"; }
void Page::note(const Markup& text) { body_ += "<p class=\"note\">" + text.html() + "</p>\n"; }
void Page::preformatted(const std::string& text) { body_ += "<pre>" + escape(text) + "</pre>\n"; }

void Page::list(const std::vector<Markup>& items) {
  body_ += "<ul>";
  for (const Markup& item : items) body_ += "<li>" + item.html() + "</li>\n";
  body_ += "</ul>\n";
}

void Page::table(const std::vector<std::string>& header, const std::vector<std::vector<Markup>>& rows, Wide wide) {
  body_ += fmt::format("<div class=\"{}\"><table><thead><tr>", wide == Wide::stack ? "scroll stack" : "scroll");
  for (const std::string& cell : header) body_ += "<th scope=\"col\">" + escape(cell) + "</th>";
  body_ += "</tr></thead>\n<tbody>";
  for (const auto& row : rows) {
    body_ += "<tr>";
    for (size_t i = 0; i < row.size(); ++i) {
      // Stacked, each cell says itself which column it is of.
      const bool named = wide == Wide::stack && i < header.size();
      body_ += (named ? "<td title=\"" + escape(header[i]) + "\">" : "<td>") + row[i].html() + "</td>";
    }
    body_ += "</tr>\n";
  }
  body_ += "</tbody></table></div>\n";
}

void Page::figure(const std::string& svg, const std::string& caption, Fit fit) {
  body_ += fmt::format("<figure><figcaption>{}</figcaption><div class=\"{}\">{}</div></figure>\n", escape(caption),
                       fit == Fit::scale ? "scale" : "scroll", svg);
}

void Page::group(Group group, const std::function<void()>& content) {
  body_ += fmt::format("<div class=\"{}\">", group == Group::card ? "card" : "columns");
  content();
  body_ += "</div>\n";
}

}  // namespace heddle::report
