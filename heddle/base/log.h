#pragma once
// Talk to the user, always on stderr: stdout belongs to answers.

#include <string>

#include <fmt/format.h>

namespace heddle {

void log_text(const char* level, const std::string& text);

template <class... Args>
void log_info(fmt::format_string<Args...> text, Args&&... args) {
  log_text("info", fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void log_warning(fmt::format_string<Args...> text, Args&&... args) {
  log_text("warning", fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace heddle
