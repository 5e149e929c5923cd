#include "heddle/data/readers/json_path.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

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

namespace {

// What is left of path `column`.
struct Rest {
  size_t column;
  std::span<const std::string> steps;
};

std::optional<size_t> as_place(const std::string& step) {
  size_t place = 0;
  const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), place);
  const bool plain = error == std::errc() && end == step.data() + step.size() && step == std::to_string(place);
  return plain ? std::optional(place) : std::nullopt;
}

PathTree tree_of(const std::vector<Rest>& rests);

// The tree behind the steps that `leads` accepts.
template <class Leads>
PathTree tree_behind(const std::vector<Rest>& rests, const Leads& leads) {
  std::vector<Rest> further;
  for (const Rest& rest : rests)
    if (!rest.steps.empty() && leads(rest.steps[0])) further.push_back({rest.column, rest.steps.subspan(1)});
  return tree_of(further);
}

PathTree tree_of(const std::vector<Rest>& rests) {
  PathTree tree;
  std::set<std::string> keys;
  std::set<size_t> places;
  for (const Rest& rest : rests) {
    if (rest.steps.empty()) {
      tree.columns.push_back(rest.column);
      continue;
    }
    const std::string& step = rest.steps[0];
    if (keys.insert(step).second)
      tree.keys.emplace_back(step, 0, tree_behind(rests, [&](const std::string& other) { return other == step; }));
    if (const auto place = as_place(step)) places.insert(*place);
  }
  for (const size_t place : places)
    tree.places.emplace_back("", place, tree_behind(rests, [&](const std::string& step) {
                               return step == "*" || step == std::to_string(place);
                             }));
  if (keys.contains("*"))
    tree.elsewhere.push_back(tree_behind(rests, [](const std::string& step) { return step == "*"; }));
  return tree;
}

}  // namespace

PathStep::PathStep(std::string key_of_step, size_t place_of_step, PathTree tree_behind)
    : is_plain(key_of_step.find_first_of("\"\\") == std::string::npos),
      key(std::move(key_of_step)),
      place(place_of_step),
      next(std::move(tree_behind)) {
  const std::string quoted = key + '"';
  const size_t bytes = std::min(quoted.size(), sizeof(head));
  std::memcpy(&head, quoted.data(), bytes);
  std::memset(&head_mask, 255, bytes);
}

PathTree PathTree::of(std::span<const std::vector<std::string>> paths) {
  std::vector<Rest> rests;
  for (size_t i = 0; i < paths.size(); ++i) rests.push_back({i, paths[i]});
  return tree_of(rests);
}

}  // namespace heddle::data
