#include "heddle/data/readers/json_path.h"

#include "heddle/base/error.h"

namespace heddle::data {

std::vector<std::string> json_path(std::string_view path) {
  std::vector<std::string> steps(1);
  for (size_t at = 0; at < path.size(); ++at) {
    if (path[at] == '.') steps.emplace_back();
    else steps.back() += path[at] == '\\' && at + 1 < path.size() ? path[++at] : path[at];
  }
  for (const std::string& step : steps)
    if (step.empty()) fail_input("\"{}\" is no path in JSON; expected keys with dots between, such as meta.lang", path);
  return steps;
}

}  // namespace heddle::data
