#include "app/standard_input.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

namespace heddle::app {

bool StandardInput::next(Line& line) {
  while (lines_.empty() && !ended_) fill();
  if (lines_.empty()) return false;
  line = std::move(lines_.front());
  lines_.pop_front();
  return true;
}

bool StandardInput::ready() {
  pollfd input = {STDIN_FILENO, POLLIN, 0};
  while (lines_.empty() && !ended_ && poll(&input, 1, 0) > 0) fill();
  return !lines_.empty();
}

// Reads what is there, at most a buffer full, and cuts it into lines.
void StandardInput::fill() {
  char buffer[1 << 16];
  const ssize_t got = read(STDIN_FILENO, buffer, sizeof buffer);
  if (got < 0 && errno == EINTR) return;
  ended_ = got <= 0;
  std::string_view rest(buffer, got > 0 ? static_cast<size_t>(got) : 0);
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    const std::string_view piece = rest.substr(0, end);
    const size_t room = kLongestLine - partial_.text.size();
    partial_.cut |= piece.size() > room;
    partial_.text.append(piece.substr(0, std::min(room, piece.size())));
    started_ = end == std::string_view::npos;
    if (!started_) lines_.push_back(std::exchange(partial_, {}));
    rest.remove_prefix(started_ ? rest.size() : end + 1);
  }
  if (ended_ && started_) lines_.push_back(std::exchange(partial_, {}));
}

}  // namespace heddle::app
