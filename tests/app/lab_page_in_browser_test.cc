// The lab's pages in a browser: headless Chromium lays every page out for a desk and for a phone, and a script in a
// page of our own, which holds them as frames, measures them. Skipped where Chromium is not installed.

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "tests/app/program.h"

namespace heddle::app {
namespace {

constexpr int kDesk = 1280, kPhone = 375;
constexpr double kSmallestText = 9;     // px, of a chart's labels
constexpr double kLeastContrast = 4.5;  // of text to its ground (WCAG 2.1, AA)

// How Chromium's log marks what a page asks for, its parts and its frames. Chromium itself asks for its updates and for
// the time, which is none of a page's doing.
constexpr const char* kRequestsOfPages[] = {"101845102", "63171670"};

// What the script says of each frame, a line each: "file width: problem", and at last what it has looked at.
constexpr const char* kScript = R"js(
const said = [];
let labels = 0, texts = 0;
function luminance(colour) {
  const part = colour.match(/[\d.]+/g).slice(0, 3).map(x => x / 255).map(x => x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
  return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
}
function contrast(a, b) {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}
function ground(element, style) {
  for (let at = element; at; at = at.parentElement) {
    const colour = style(at).backgroundColor;
    if (colour != 'rgba(0, 0, 0, 0)' && colour != 'transparent') return colour;
  }
  return 'rgb(255, 255, 255)';
}
function look(frame) {
  const page = frame.contentDocument, style = e => frame.contentWindow.getComputedStyle(e);
  const say = what => said.push(frame.dataset.page + ' ' + frame.dataset.width + ': ' + what);
  if (page.documentElement.scrollWidth > frame.dataset.width) say('it is ' + page.documentElement.scrollWidth + ' px wide');
  if (!page.querySelector('h1')) say('it has no title');
  for (const svg of page.querySelectorAll('svg')) {
    const box = svg.getBoundingClientRect(), scale = box.width / svg.viewBox.baseVal.width;
    if (12 * scale < SMALLEST) say('labels of ' + (12 * scale).toFixed(1) + ' px');
    const places = [];
    for (const text of svg.querySelectorAll('text')) {
      ++labels;
      const place = text.getBoundingClientRect();
      if (place.left < box.left - 1 || place.right > box.right + 1 || place.top < box.top - 1 || place.bottom > box.bottom + 1)
        say('the label "' + text.textContent + '" leaves its drawing');
      if ((text.getAttribute('transform') || '').includes('rotate(-60')) continue;  // their boxes overlap, they do not
      for (const other of places)
        if (place.left < other.box.right && other.box.left < place.right && place.top + 2 < other.box.bottom && other.box.top + 2 < place.bottom)
          say('the labels "' + text.textContent + '" and "' + other.text + '" overlap');
      places.push({box: place, text: text.textContent});
    }
  }
  for (const element of page.body.querySelectorAll('*')) {
    if (element.closest('svg') || ![...element.childNodes].some(n => n.nodeType == 3 && n.data.trim())) continue;
    ++texts;
    const ratio = contrast(style(element).color, ground(element, style));
    if (ratio < CONTRAST) say('"' + element.textContent.slice(0, 30) + '" has a contrast of ' + ratio.toFixed(1));
  }
}
window.onload = () => {
  const frames = [...document.querySelectorAll('iframe')];
  for (const frame of frames)
    try { look(frame); } catch (error) { said.push(frame.dataset.page + ': ' + error); }
  said.push('looked at ' + frames.length + ' frames, ' + texts + ' texts, ' + labels + ' labels');
  document.body.innerHTML = '<pre></pre>';
  document.querySelector('pre').textContent = said.map(line => '[' + line + ']').join('\n');
};
)js";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at; (at = text.find(from)) != std::string::npos;) text.replace(at, from.size(), to);
  return text;
}

std::vector<std::string> pages_in(const fs::path& site) {
  std::vector<std::string> pages;
  for (const auto& entry : fs::directory_iterator(site)) pages.push_back(entry.path().filename().string());
  std::ranges::sort(pages);
  return pages;
}

struct Seen {
  bool ran = false;
  std::vector<std::string> problems;  // said by the script
  std::string summary;                // its last line
  std::vector<std::string> console;   // what the pages wrote to the console
  std::vector<std::string> requests;  // what went, or tried to go, over a network
};

std::vector<std::string> parts_after(const std::string& text, const std::string& begin, const std::string& end) {
  std::vector<std::string> parts;
  for (size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at + 1)) {
    const size_t from = at + begin.size();
    parts.push_back(text.substr(from, text.find(end, from) - from));
  }
  return parts;
}

class LabPageInBrowser : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("command -v chromium >/dev/null") != 0)
      GTEST_SKIP() << "chromium is not installed (apt-get install chromium)";
    ASSERT_EQ(run(folder_, {"lab", "page", "--out", site_.string()}).code, 0);
  }

  Seen look(const std::vector<std::string>& pages, bool dark = false) const {
    std::string html = "<!doctype html><meta charset=\"utf-8\"><body>";
    for (const std::string& page : pages)
      for (const int width : {kDesk, kPhone})
        html += fmt::format(
            "<iframe src=\"{0}\" data-page=\"{0}\" data-width=\"{1}\" "
            "style=\"width:{1}px;height:800px;border:0\"></iframe>\n",
            page, width);
    html += "<script>" +
            replaced(replaced(kScript, "SMALLEST", fmt::format("{}", kSmallestText)), "CONTRAST",
                     fmt::format("{}", kLeastContrast)) +
            "</script>";
    write(site_ / "look.html", html);
    // Nothing can be reached from here, and every attempt is written to net.json.
    const std::string command = fmt::format(
        "cd '{0}' && timeout -k 5 240 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage "
        "--no-first-run "
        "--disable-background-networking --disable-component-update --disable-sync --disable-extensions "
        "--disable-breakpad "
        "--user-data-dir='{0}/profile' --proxy-server=127.0.0.1:9 --proxy-bypass-list='<-loopback>' "
        "--log-net-log='{0}/net.json' --allow-file-access-from-files --enable-logging=stderr --window-size=1400,900 "
        "{2} "
        "--dump-dom 'file://{1}/look.html' >dom.html 2>log.txt </dev/null",
        folder_.text(), site_.string(), dark ? "--blink-settings=preferredColorScheme=0" : "");
    Seen seen;
    seen.ran = std::system(command.c_str()) == 0;
    fs::remove(site_ / "look.html");
    const std::string dom = slurp(folder_ / "dom.html");
    seen.problems = parts_after(dom, "[", "]");
    if (!seen.problems.empty()) {
      seen.summary = seen.problems.back();
      seen.problems.pop_back();
    }
    seen.console = parts_after(slurp(folder_ / "log.txt"), ":CONSOLE", "\n");
    const std::string network = slurp(folder_ / "net.json");
    for (const char* page : kRequestsOfPages)
      for (const std::string& url :
           parts_after(network, fmt::format("\"traffic_annotation\":{},\"url\":\"", page), "\""))
        seen.requests.push_back(url);
    seen.ran &= network.size() > 100;
    return seen;
  }

  static void expect_clean(const Seen& seen, size_t pages) {
    ASSERT_TRUE(seen.ran);
    EXPECT_TRUE(seen.summary.starts_with(fmt::format("looked at {} frames", 2 * pages))) << seen.summary;
    for (const auto* list : {&seen.problems, &seen.console, &seen.requests})
      for (const std::string& line : *list) ADD_FAILURE() << line;
  }

  Folder folder_;
  const fs::path site_ = folder_ / "site";
};

TEST_F(LabPageInBrowser, EveryPageIsReadableOnADeskAndOnAPhone) {
  const auto pages = pages_in(site_);
  ASSERT_GE(pages.size(), 4u);
  const Seen seen = look(pages);
  expect_clean(seen, pages.size());
  std::cout << seen.summary << "\n";
}

TEST_F(LabPageInBrowser, AndInTheDark) {
  const std::vector<std::string> pages = {"index.html", pages_in(site_).front()};
  expect_clean(look(pages, true), pages.size());
}

// The same measures, on a page that has everything wrong.
TEST_F(LabPageInBrowser, WhatIsWrongIsFound) {
  write(site_ / "wrong.html",
        "<!doctype html><body style=\"margin:0\"><div style=\"width:2000px\">wide</div><p "
        "style=\"color:#ccc;background:#fff\">pale</p>"
        "<img src=\"http://example.org/x.png\"><iframe "
        "src=\"http://example.org/frame\"></iframe><script>console.error('a complaint')</script>"
        "<svg viewBox=\"0 0 400 100\" width=\"200\"><text x=\"10\" y=\"50\">one</text><text x=\"20\" "
        "y=\"50\">two</text><text x=\"390\" y=\"90\">three</text></svg>");
  const Seen seen = look({"wrong.html"});
  ASSERT_TRUE(seen.ran);
  std::string problems;
  for (const std::string& problem : seen.problems) problems += problem + "\n";
  for (const char* part : {"px wide", "no title", "contrast", "overlap", "leaves its drawing", "labels of"})
    EXPECT_NE(problems.find(part), std::string::npos) << part << " in\n" << problems;
  EXPECT_FALSE(seen.console.empty());
  for (const char* url : {"http://example.org/x.png", "http://example.org/frame"})
    EXPECT_NE(std::ranges::find(seen.requests, url), seen.requests.end()) << url;
}

}  // namespace
}  // namespace heddle::app
