#include "heddle/base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <cstring>

namespace heddle {
namespace {

spdlog::logger& logger() {
  static const auto instance = [] {
    const bool plain = std::getenv("NO_COLOR") != nullptr;
    auto made = plain ? spdlog::stderr_color_mt("heddle", spdlog::color_mode::never) : spdlog::stderr_color_mt("heddle");
    made->set_pattern("heddle: %^%v%$");
    return made;
  }();
  return *instance;
}

}  // namespace

void log_text(const char* level, const std::string& text) {
  if (std::strcmp(level, "warning") == 0) logger().warn("warning: {}", text);
  else logger().info("{}", text);
}

}  // namespace heddle
