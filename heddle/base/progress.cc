#include "heddle/base/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "heddle/base/clock.h"

namespace heddle {
namespace {

std::string duration_text(double seconds) {
  const auto total = static_cast<int64_t>(std::clamp(seconds, 0.0, 359'999.0));  // 99h59m at most
  if (total >= 3600) return fmt::format("{}h{:02}m", total / 3600, total / 60 % 60);
  return fmt::format("{}m{:02}s", total / 60, total % 60);
}

}  // namespace

Progress::Progress(double total, double start)
    : total_(total), start_(start), began_(steady_seconds()), terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() { pause(); }

void Progress::update(double done, const std::string& note) {
  const double now = steady_seconds();
  const double pace = terminal_ ? 0.2 : 10.0;  // seconds between drawings
  if (now - last_drawn_ < pace && done < total_) return;
  last_drawn_ = now;
  const double share = total_ > start_ ? std::clamp((done - start_) / (total_ - start_), 0.0, 1.0) : 1.0;
  const double left = share > 0 ? (now - began_) * (1 - share) / share : 0;
  const double percent = total_ > 0 ? std::clamp(100 * done / total_, 0.0, 100.0) : 100.0;
  if (terminal_) draw_bar(percent, left, note);
  else fmt::print(stderr, "{:3.0f}%  {}  {} left\n", percent, note, duration_text(left));
}

void Progress::draw_bar(double percent, double left, const std::string& note) {
  constexpr int kCells = 24;
  const int full = static_cast<int>(kCells * percent / 100);
  fmt::print(stderr, "\r\033[K[{}{}] {:3.0f}%  {}  {} left", std::string(static_cast<size_t>(full), '#'),
             std::string(static_cast<size_t>(kCells - full), '.'), percent, note, duration_text(left));
  std::fflush(stderr);
  line_open_ = true;
}

void Progress::pause() {
  if (line_open_) fmt::print(stderr, "\n");
  line_open_ = false;
}

}  // namespace heddle
