// Reading a config; the interface is heddle/base/config.h.

#include <nlohmann/json.hpp>
#include <toml++/toml.h>

#include <cmath>
#include <set>

#include "heddle/base/config.h"
#include "heddle/base/error.h"
#include "heddle/base/json_text.h"
#include "heddle/base/nearest.h"
#include "heddle/base/toml_text.h"
#include "heddle/base/utf8.h"

namespace heddle {
namespace {

std::string kind_of(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::string: return "a text";
    case toml::node_type::integer: return "a whole number";
    case toml::node_type::floating_point: return "a number";
    case toml::node_type::boolean: return "true or false";
    case toml::node_type::table: return "a section";
    case toml::node_type::array: return "a list";
    default: return "a date";
  }
}

class Reader : public ConfigVisitor {
 public:
  // `overridden`: keys that --set gave, which no line of the file explains.
  Reader(const toml::table& root, std::string_view source, std::vector<std::string> overridden)
      : source_(source), overridden_(std::move(overridden)) {
    levels_.push_back({&root, "", {}});
  }
  ~Reader() override = default;

  void field(std::string_view name, bool& value, std::string_view, const Allowed&) override {
    if (const toml::node* node = take(name)) {
      if (!node->is_boolean()) fail_type(name, *node, "true or false");
      value = node->as_boolean()->get();
    }
  }
  void field(std::string_view name, int64_t& value, std::string_view, const Allowed& allowed) override {
    if (const toml::node* node = take(name)) {
      if (!node->is_integer()) fail_type(name, *node, "a whole number");
      value = node->as_integer()->get();
      check_range(name, *node, static_cast<double>(value), allowed);
    }
  }
  void field(std::string_view name, double& value, std::string_view, const Allowed& allowed) override {
    if (const toml::node* node = take(name)) {
      if (!node->is_number()) fail_type(name, *node, "a number");
      value = *node->value<double>();
      if (!std::isfinite(value)) fail_input("{}: {} = {} is not finite", where(*node, path(name)), path(name), value);
      check_range(name, *node, value, allowed);
    }
  }
  void field(std::string_view name, std::string& value, std::string_view, const Allowed& allowed) override {
    if (const toml::node* node = take(name)) {
      if (!node->is_string()) fail_type(name, *node, "a text in quotes");
      value = node->as_string()->get();
      if (!allowed.choices.empty() && std::ranges::find(allowed.choices, value) == allowed.choices.end())
        fail_input("{}: {} = \"{}\" is not known; choose one of {}", where(*node, path(name)), path(name), value, fmt::join(allowed.choices, ", "));
    }
  }

  void finish() { check_unknown(levels_.back()); }

 protected:
  bool visits_empty(std::string_view name) override { return take(name) != nullptr; }
  bool begin_section(std::string_view name, std::string_view) override {
    const toml::node* node = take(name);
    if (node && !node->is_table()) fail_type(name, *node, "a section");
    static const toml::table empty;
    levels_.push_back({node ? node->as_table() : &empty, path(name), {}});
    return true;
  }
  void end_section() override {
    check_unknown(levels_.back());
    levels_.pop_back();
  }
  int64_t begin_items(std::string_view name, std::string_view, int64_t) override {
    const toml::node* node = take(name);
    if (node && !node->is_array()) fail_type(name, *node, "a list of sections, written [[…]]");
    arrays_.push_back({node ? node->as_array() : nullptr, path(name)});
    return node ? static_cast<int64_t>(node->as_array()->size()) : 0;
  }
  void begin_item(int64_t index) override {
    const toml::node& node = *arrays_.back().array->get(static_cast<size_t>(index));
    const std::string name = fmt::format("{}[{}]", arrays_.back().path, index);
    if (!node.is_table()) fail_input("{}: {} is {}, expected a section", where(node, name), name, kind_of(node));
    levels_.push_back({node.as_table(), name, {}});
  }
  void end_item() override { end_section(); }
  void end_items() override { arrays_.pop_back(); }

 private:
  struct Level {
    const toml::table* table;
    std::string path;
    std::set<std::string> known;
  };
  struct Array {
    const toml::array* array;
    std::string path;
  };

  std::string path(std::string_view name) const {
    const std::string& prefix = levels_.back().path;
    return prefix.empty() ? std::string(name) : prefix + "." + std::string(name);
  }
  std::string where(const toml::node& node, const std::string& key) const {
    for (const std::string& set : overridden_)
      if (set == key || set.starts_with(key + ".") || key.starts_with(set + ".")) return "--set " + set;
    const auto line = node.source().begin.line;
    return line == 0 ? source_ : fmt::format("{}:{}", source_, line);
  }
  const toml::node* take(std::string_view name) {
    levels_.back().known.emplace(name);
    return levels_.back().table->get(name);
  }
  [[noreturn]] void fail_type(std::string_view name, const toml::node& node, std::string_view expected) const {
    fail_input("{}: {} is {}, expected {}", where(node, path(name)), path(name), kind_of(node), expected);
  }
  void check_range(std::string_view name, const toml::node& node, double value, const Allowed& allowed) const {
    if (value >= allowed.least && value <= allowed.most) return;
    if (allowed.most > 1e300) fail_input("{}: {} = {} is too small; it must be at least {}", where(node, path(name)), path(name), value, allowed.least);
    fail_input("{}: {} = {} is out of range; it must lie between {} and {}", where(node, path(name)), path(name), value, allowed.least, allowed.most);
  }
  void check_unknown(const Level& level) const {
    for (const auto& [key, node] : *level.table) {
      const std::string name(key.str());
      if (level.known.contains(name)) continue;
      const std::string near = nearest_name(name, {level.known.begin(), level.known.end()});
      const std::string prefix = level.path.empty() ? "" : level.path + ".";
      fail_input("{}: the key {}{} is unknown; {}", where(node, prefix + name), prefix, name,
                 near.empty() ? fmt::format("valid keys are {}", fmt::join(level.known, ", ")) : fmt::format("did you mean {}{}?", prefix, near));
    }
  }

  std::string source_;
  std::vector<std::string> overridden_;
  std::vector<Level> levels_;
  std::vector<Array> arrays_;
};

// "a.b.c=value": the value as TOML, or else as plain text.
void apply_override(toml::table& root, const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    fail_input("--set {}: expected key=value, for example --set train.seed=3", text);
  if (!is_valid_utf8(text)) fail_input("--set {}: the text is not UTF-8", repair_utf8(text));
  const std::string key = text.substr(0, equals), value = text.substr(equals + 1);
  if (std::ranges::count(key, '.') >= kMostKeyParts || line_of_endless_key(value) != 0)
    fail_input("--set {:.40}…: a key has more than {} parts", text, kMostKeyParts);
  toml::table parsed;
  try {
    parsed = toml::parse("value = " + value);
  } catch (const toml::parse_error&) {
    parsed.insert_or_assign("value", value);
  }
  if (parsed.size() != 1) fail_input("--set {}: expected one value", text);
  toml::table* table = &root;
  size_t from = 0;
  for (size_t dot; (dot = key.find('.', from)) != std::string::npos; from = dot + 1) {
    const std::string part = key.substr(from, dot - from);
    if (!table->contains(part)) table->insert(part, toml::table{});
    table = table->get(part)->as_table();
    if (!table) fail_input("--set {}: {} is no section", text, key.substr(0, dot));
  }
  table->insert_or_assign(key.substr(from), *parsed.get("value"));
}

void read_table(const toml::table& root, std::string_view source, std::vector<std::string> overridden,
                const Describe& describe) {
  Reader reader(root, source, std::move(overridden));
  describe(reader);
  reader.finish();
}

// JSON as the same tree, without lines. `table` gets `value` as its `key`; `path` names it in errors.
void insert_json(toml::table& table, const std::string& key, const nlohmann::json& value, const std::string& path);

void append_json(toml::array& array, const nlohmann::json& value, const std::string& path) {
  toml::table holder;
  insert_json(holder, "x", value, path);
  if (const toml::node* node = holder.get("x")) node->visit([&](const auto& n) { array.push_back(n); });
}

void insert_json(toml::table& table, const std::string& key, const nlohmann::json& value, const std::string& path) {
  const bool beyond_int64 = value.is_number_unsigned() && value.get<uint64_t>() > uint64_t{INT64_MAX};
  if (value.is_null()) fail_input("{} is null; give it a value or leave the key out", path);
  if (value.is_boolean()) table.insert_or_assign(key, value.get<bool>());
  else if (value.is_number_integer() && !beyond_int64) table.insert_or_assign(key, value.get<int64_t>());
  else if (value.is_number()) table.insert_or_assign(key, value.get<double>());
  else if (value.is_string()) table.insert_or_assign(key, value.get<std::string>());
  else if (value.is_array()) {
    toml::array array;
    for (const auto& item : value) append_json(array, item, fmt::format("{}[{}]", path, array.size()));
    table.insert_or_assign(key, std::move(array));
  } else if (value.is_object()) {
    toml::table inner;
    for (const auto& [name, item] : value.items()) insert_json(inner, name, item, path + "." + name);
    table.insert_or_assign(key, std::move(inner));
  }
}

}  // namespace

void read_config(std::string_view text, std::string_view source_name, const std::vector<std::string>& overrides,
                 const Describe& describe) {
  if (const int64_t line = line_of_endless_key(text))
    fail_input("{}:{}: a key has more than {} parts", source_name, line, kMostKeyParts);
  toml::table root;
  try {
    root = toml::parse(text, source_name);
  } catch (const toml::parse_error& error) {
    fail_input("{}:{}: {}", source_name, error.source().begin.line, error.description());
  }
  std::vector<std::string> overridden;
  for (const std::string& text_override : overrides) {
    apply_override(root, text_override);
    overridden.push_back(text_override.substr(0, text_override.find('=')));
  }
  read_table(root, source_name, std::move(overridden), describe);
}

void read_json_config(std::string_view text, std::string_view source_name, const Describe& describe) {
  if (const std::string problem = json_problem(text); !problem.empty()) fail_input("{} {}", source_name, problem);
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) fail_input("{} is no JSON object", source_name);
  toml::table root;
  for (const auto& [name, item] : json.items()) insert_json(root, name, item, fmt::format("{}: {}", source_name, name));
  read_table(root, source_name, {}, describe);
}

}  // namespace heddle
