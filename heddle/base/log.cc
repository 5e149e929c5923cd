#include "heddle/base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <cstring>

namespace heddle {
namespace {

spdlog::logger& logger() {
  static const auto instance = [] {
    const char* no_color = std::getenv("NO_COLOR");  // no-color.org: any text but the empty one
    const bool plain = no_color && *no_color;
    auto made =
        plain ? spdlog::stderr_color_mt("heddle", spdlog::color_mode::never) : spdlog::stderr_color_mt("heddle");
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
