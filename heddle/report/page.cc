#include "heddle/report/page.h"

#include "heddle/report/svg.h"

namespace heddle::report {

Page::Page(const std::string& title) {
  const std::string safe = escape(title);
  body_ = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + safe +
          "</title>\n<style>body{font:16px/1.5 sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#222;background:#fff}"
          "table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:.25rem .6rem;text-align:left}"
          "figure{margin:1rem 0;overflow-x:auto}figcaption{color:#555}</style></head>\n<body><main><h1>" + safe + "</h1>\n";
}

void Page::heading(const std::string& text) { body_ += "<h2>" + escape(text) + "</h2>\n"; }
void Page::paragraph(const std::string& text) { body_ += "<p>" + escape(text) + "</p>\n"; }

void Page::table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows) {
  body_ += "<table><thead><tr>";
  for (const std::string& cell : header) body_ += "<th scope=\"col\">" + escape(cell) + "</th>";
  body_ += "</tr></thead>\n<tbody>";
  for (const auto& row : rows) {
    body_ += "<tr>";
    for (const std::string& cell : row) body_ += "<td>" + escape(cell) + "</td>";
    body_ += "</tr>\n";
  }
  body_ += "</tbody></table>\n";
}

void Page::figure(const std::string& svg, const std::string& caption) {
  body_ += "<figure>" + svg + "<figcaption>" + escape(caption) + "</figcaption></figure>\n";
}

}  // namespace heddle::report
