// Reading a config; the interface is heddle/base/config.h.

#include <nlohmann/json.hpp>
#include <toml++/toml.h>

#include <set>

#include "heddle/base/config.h"
#include "heddle/base/error.h"
#include "heddle/base/nearest.h"

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
  Reader(const toml::table& root, std::string_view source) : source_(source) { levels_.push_back({&root, "", {}}); }
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
      check_range(name, *node, value, allowed);
    }
  }
  void field(std::string_view name, std::string& value, std::string_view, const Allowed& allowed) override {
    if (const toml::node* node = take(name)) {
      if (!node->is_string()) fail_type(name, *node, "a text in quotes");
      value = node->as_string()->get();
      if (!allowed.choices.empty() && std::ranges::find(allowed.choices, value) == allowed.choices.end())
        fail_input("{}: {} = \"{}\" is not known; choose one of {}", where(*node), path(name), value, fmt::join(allowed.choices, ", "));
    }
  }

  void finish() { check_unknown(levels_.back()); }

 protected:
  bool visits_empty(std::string_view name) const override { return levels_.back().table->contains(name); }
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
    if (!node.is_table()) fail_input("{}: {} is {}, expected a section", where(node), name, kind_of(node));
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
  std::string where(const toml::node& node) const {
    const auto line = node.source().begin.line;
    return line == 0 ? source_ : fmt::format("{}:{}", source_, line);
  }
  const toml::node* take(std::string_view name) {
    levels_.back().known.emplace(name);
    return levels_.back().table->get(name);
  }
  [[noreturn]] void fail_type(std::string_view name, const toml::node& node, std::string_view expected) const {
    fail_input("{}: {} is {}, expected {}", where(node), path(name), kind_of(node), expected);
  }
  void check_range(std::string_view name, const toml::node& node, double value, const Allowed& allowed) const {
    if (value >= allowed.least && value <= allowed.most) return;
    if (allowed.most > 1e300) fail_input("{}: {} = {} is too small; it must be at least {}", where(node), path(name), value, allowed.least);
    fail_input("{}: {} = {} is out of range; it must lie between {} and {}", where(node), path(name), value, allowed.least, allowed.most);
  }
  void check_unknown(const Level& level) const {
    for (const auto& [key, node] : *level.table) {
      const std::string name(key.str());
      if (level.known.contains(name)) continue;
      const std::string near = nearest_name(name, {level.known.begin(), level.known.end()});
      const std::string prefix = level.path.empty() ? "" : level.path + ".";
      fail_input("{}: the key {}{} is unknown; {}", where(node), prefix, name,
                 near.empty() ? fmt::format("valid keys are {}", fmt::join(level.known, ", ")) : fmt::format("did you mean {}{}?", prefix, near));
    }
  }

  std::string source_;
  std::vector<Level> levels_;
  std::vector<Array> arrays_;
};

// "a.b.c=value": the value as TOML, or else as plain text.
void apply_override(toml::table& root, const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    fail_input("--set {}: expected key=value, for example --set train.seed=3", text);
  const std::string key = text.substr(0, equals), value = text.substr(equals + 1);
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

void read_table(const toml::table& root, std::string_view source, const Describe& describe) {
  Reader reader(root, source);
  describe(reader);
  reader.finish();
}

// JSON as the same tree, without lines.
void insert_json(toml::table& table, const std::string& key, const nlohmann::json& value);

void append_json(toml::array& array, const nlohmann::json& value) {
  toml::table holder;
  insert_json(holder, "x", value);
  if (const toml::node* node = holder.get("x")) node->visit([&](const auto& n) { array.push_back(n); });
}

void insert_json(toml::table& table, const std::string& key, const nlohmann::json& value) {
  if (value.is_boolean()) table.insert_or_assign(key, value.get<bool>());
  else if (value.is_number_integer()) table.insert_or_assign(key, value.get<int64_t>());
  else if (value.is_number()) table.insert_or_assign(key, value.get<double>());
  else if (value.is_string()) table.insert_or_assign(key, value.get<std::string>());
  else if (value.is_array()) {
    toml::array array;
    for (const auto& item : value) append_json(array, item);
    table.insert_or_assign(key, std::move(array));
  } else if (value.is_object()) {
    toml::table inner;
    for (const auto& [name, item] : value.items()) insert_json(inner, name, item);
    table.insert_or_assign(key, std::move(inner));
  }
}

}  // namespace

void read_config(std::string_view text, std::string_view source_name, const std::vector<std::string>& overrides,
                 const Describe& describe) {
  toml::table root;
  try {
    root = toml::parse(text, source_name);
  } catch (const toml::parse_error& error) {
    fail_input("{}:{}: {}", source_name, error.source().begin.line, error.description());
  }
  for (const std::string& text_override : overrides) apply_override(root, text_override);
  read_table(root, source_name, describe);
}

void read_json_config(std::string_view text, std::string_view source_name, const Describe& describe) {
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.is_object()) fail_input("{} is no JSON object", source_name);
  toml::table root;
  for (const auto& [name, item] : json.items()) insert_json(root, name, item);
  read_table(root, source_name, describe);
}

}  // namespace heddle
