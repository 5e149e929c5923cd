#pragma once
// One declaration per config struct, from which everything else comes: reading TOML with defaults,
// ranges and errors that name the line, `--set`, the resolved config, a JSON schema, and the docs.
//
// A struct says once, in `describe(struct&, ConfigVisitor&)`, which fields it has; every use is a visitor.

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heddle {

// What a field may hold. Numbers: the range; texts: the choices (empty: any).
struct Allowed {
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices;

  static Allowed any() { return {}; }
  static Allowed at_least(double least) { return {least, std::numeric_limits<double>::infinity(), {}}; }
  static Allowed between(double least, double most) { return {least, most, {}}; }
  static Allowed one_of(std::vector<std::string> choices) { return {{}, {}, std::move(choices)}; }
};

class ConfigVisitor {
 public:
  virtual ~ConfigVisitor() = default;

  virtual void field(std::string_view name, bool& value, std::string_view doc, const Allowed& allowed) = 0;
  virtual void field(std::string_view name, int64_t& value, std::string_view doc, const Allowed& allowed) = 0;
  virtual void field(std::string_view name, double& value, std::string_view doc, const Allowed& allowed) = 0;
  virtual void field(std::string_view name, std::string& value, std::string_view doc, const Allowed& allowed) = 0;

  // A field without a value of its own: it stays empty unless the user gives one.
  template <class T>
  void field(std::string_view name, std::optional<T>& value, std::string_view doc, const Allowed& allowed) {
    if (!visits_empty(name) && !value) return;
    T inner = value.value_or(T{});
    field(name, inner, doc, allowed);
    value = inner;
    if (describes_only()) value.reset();
  }

  // A nested [section].
  template <class Body>
  void section(std::string_view name, std::string_view doc, Body&& body) {
    if (!begin_section(name, doc)) return;
    body();
    end_section();
  }
  // An array of tables [[name]]; each item is described by body(item).
  template <class Item, class Body>
  void items(std::string_view name, std::string_view doc, std::vector<Item>& list, Body&& body) {
    const int64_t count = begin_items(name, doc, static_cast<int64_t>(list.size()));
    std::vector<Item> described = describes_only() ? std::vector<Item>(1) : std::vector<Item>();
    std::vector<Item>& items = describes_only() ? described : list;
    items.resize(static_cast<size_t>(describes_only() ? 1 : count));
    for (size_t i = 0; i < items.size(); ++i) {
      begin_item(static_cast<int64_t>(i));
      body(items[i]);
      end_item();
    }
    end_items();
  }

 protected:
  // Whether an empty optional is to be visited: a reader when the key is there, a describer always.
  virtual bool visits_empty(std::string_view name) = 0;
  virtual bool describes_only() const { return false; }
  virtual bool begin_section(std::string_view name, std::string_view doc) = 0;  // false: skip it
  virtual void end_section() = 0;
  virtual int64_t begin_items(std::string_view name, std::string_view doc, int64_t count) = 0;
  virtual void begin_item(int64_t index) = 0;
  virtual void end_item() = 0;
  virtual void end_items() = 0;
};

using Describe = std::function<void(ConfigVisitor&)>;

// Reads TOML into what `describe` names, then applies `overrides` ("train.seed=3"). Throws InputError for
// syntax errors, unknown keys (with the nearest valid one), wrong types, and values out of range.
void read_config(std::string_view toml, std::string_view source_name, const std::vector<std::string>& overrides,
                 const Describe& describe);
// The same from JSON text.
void read_json_config(std::string_view json, std::string_view source_name, const Describe& describe);

std::string config_as_toml(const Describe& describe);  // the resolved values
std::string config_as_json(const Describe& describe);  // likewise
std::string config_schema(const Describe& describe);   // JSON Schema
std::string config_docs(const Describe& describe);     // a Markdown table

}  // namespace heddle
