// Writing a config, its schema and its docs; the interface is heddle/base/config.h.

#include <nlohmann/json.hpp>

#include <cmath>

#include "heddle/base/config.h"
#include "heddle/base/error.h"

namespace heddle {
namespace {

using Json = nlohmann::ordered_json;

// TOML's basic strings escape as JSON's do, and DEL besides.
std::string quoted(const std::string& text) {
  std::string out;
  for (char c : Json(text).dump(-1, ' ', false, Json::error_handler_t::replace)) {
    if (c == '\x7f') out += "\\u007f";
    else out += c;
  }
  return out;
}

std::string number_text(double value) {
  std::string text = fmt::format("{}", value);
  return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
}

// Collects the values as a JSON tree; TOML is written from it.
class Collector : public ConfigVisitor {
 public:
  Collector() { stack_.push_back(&root_); }
  Json take() { return std::move(root_); }

  void field(std::string_view name, bool& value, std::string_view, const Allowed&) override { put(name, value); }
  void field(std::string_view name, int64_t& value, std::string_view, const Allowed&) override { put(name, value); }
  void field(std::string_view name, double& value, std::string_view, const Allowed&) override { put(name, value); }
  void field(std::string_view name, std::string& value, std::string_view, const Allowed&) override { put(name, value); }

 protected:
  bool visits_empty(std::string_view) override { return false; }
  bool begin_section(std::string_view name, std::string_view) override {
    Json& section = (*stack_.back())[std::string(name)] = Json::object();
    stack_.push_back(&section);
    return true;
  }
  void end_section() override { stack_.pop_back(); }
  int64_t begin_items(std::string_view name, std::string_view, int64_t count) override {
    Json& list = (*stack_.back())[std::string(name)] = Json::array();
    for (int64_t i = 0; i < count; ++i) list.push_back(Json::object());
    stack_.push_back(&list);
    return count;
  }
  void begin_item(int64_t index) override { stack_.push_back(&(*stack_.back())[static_cast<size_t>(index)]); }
  void end_item() override { stack_.pop_back(); }
  void end_items() override { stack_.pop_back(); }

 private:
  template <class T>
  void put(std::string_view name, const T& value) {
    (*stack_.back())[std::string(name)] = value;
  }
  Json root_ = Json::object();
  std::vector<Json*> stack_;
};

void write_toml(std::string& out, const Json& table, const std::string& path) {
  for (const auto& [key, value] : table.items()) {
    if (value.is_object() || value.is_array()) continue;
    out += key + " = ";
    if (value.is_string()) out += quoted(value.get<std::string>());
    else out += value.is_number_float() ? number_text(value.get<double>()) : value.dump();
    out += "\n";
  }
  for (const auto& [key, value] : table.items()) {
    const std::string name = path.empty() ? key : path + "." + key;
    if (value.is_object() && !value.empty()) {
      out += "\n[" + name + "]\n";
      write_toml(out, value, name);
    }
    for (size_t i = 0; value.is_array() && i < value.size(); ++i) {
      out += "\n[[" + name + "]]\n";
      write_toml(out, value[i], name);
    }
  }
}

// Visits every field once with its default: for the schema and the docs.
class Describer : public ConfigVisitor {
 public:
  using OnField = std::function<void(const std::string& path, std::string_view type, const Json& fallback,
                                     std::string_view doc, const Allowed&)>;
  explicit Describer(OnField on_field) : on_field_(std::move(on_field)) {}

  void field(std::string_view name, bool& value, std::string_view doc, const Allowed& allowed) override {
    tell(name, "boolean", value, doc, allowed);
  }
  void field(std::string_view name, int64_t& value, std::string_view doc, const Allowed& allowed) override {
    tell(name, "integer", value, doc, allowed);
  }
  void field(std::string_view name, double& value, std::string_view doc, const Allowed& allowed) override {
    tell(name, "number", value, doc, allowed);
  }
  void field(std::string_view name, std::string& value, std::string_view doc, const Allowed& allowed) override {
    tell(name, "string", value, doc, allowed);
  }

 protected:
  bool visits_empty(std::string_view) override {
    optional_ = true;
    return true;
  }
  bool describes_only() const override { return true; }
  bool begin_section(std::string_view name, std::string_view) override {
    path_.push_back(std::string(name));
    return true;
  }
  void end_section() override { path_.pop_back(); }
  int64_t begin_items(std::string_view name, std::string_view, int64_t) override {
    path_.push_back(std::string(name) + "[]");
    return 1;
  }
  void begin_item(int64_t) override {}
  void end_item() override {}
  void end_items() override { path_.pop_back(); }

 private:
  template <class T>
  void tell(std::string_view name, std::string_view type, const T& value, std::string_view doc,
            const Allowed& allowed) {
    std::string path;
    for (const std::string& part : path_) path += part + ".";
    on_field_(path + std::string(name), type, optional_ ? Json(nullptr) : Json(value), doc, allowed);
    optional_ = false;
  }
  OnField on_field_;
  std::vector<std::string> path_;
  bool optional_ = false;
};

Json schema_of(std::string_view type, const Json& fallback, std::string_view doc, const Allowed& allowed) {
  Json schema = {{"type", type}, {"description", doc}};
  if (!fallback.is_null()) schema["default"] = fallback;
  if (std::isfinite(allowed.least) && allowed.choices.empty()) schema["minimum"] = allowed.least;
  if (std::isfinite(allowed.most) && allowed.choices.empty()) schema["maximum"] = allowed.most;
  if (!allowed.choices.empty()) schema["enum"] = allowed.choices;
  return schema;
}

}  // namespace

std::string config_as_json(const Describe& describe) {
  Collector collector;
  describe(collector);
  return collector.take().dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string config_as_toml(const Describe& describe) {
  Collector collector;
  describe(collector);
  std::string out;
  write_toml(out, collector.take(), "");
  return out;
}

std::string config_schema(const Describe& describe) {
  const auto object = [] {
    return Json{{"type", "object"}, {"additionalProperties", false}, {"properties", Json::object()}};
  };
  Json root = object();
  root["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  Describer describer([&](const std::string& path, std::string_view type, const Json& fallback, std::string_view doc,
                          const Allowed& allowed) {
    Json* level = &root;
    size_t from = 0;
    for (size_t dot; (dot = path.find('.', from)) != std::string::npos; from = dot + 1) {
      std::string part = path.substr(from, dot - from);
      const bool list = part.ends_with("[]");
      if (list) part.resize(part.size() - 2);
      Json& next = (*level)["properties"][part];
      if (next.is_null()) next = list ? Json{{"type", "array"}, {"items", object()}} : object();
      level = list ? &next["items"] : &next;
    }
    (*level)["properties"][path.substr(from)] = schema_of(type, fallback, doc, allowed);
  });
  describe(describer);
  return root.dump(2) + "\n";
}

std::string config_docs(const Describe& describe) {
  std::string out = "| key | type | default | meaning |\n|---|---|---|---|\n";
  Describer describer([&](const std::string& path, std::string_view type, const Json& fallback, std::string_view doc,
                          const Allowed& allowed) {
    std::string limits;
    if (!allowed.choices.empty()) limits = fmt::format(" One of {}.", fmt::join(allowed.choices, ", "));
    else if (std::isfinite(allowed.least) && std::isfinite(allowed.most))
      limits = fmt::format(" {} to {}.", allowed.least, allowed.most);
    else if (std::isfinite(allowed.least)) limits = fmt::format(" At least {}.", allowed.least);
    out += fmt::format("| `{}` | {} | {} | {}{} |\n", path, type,
                       fallback.is_null() ? "–" : "`" + fallback.dump() + "`", doc, limits);
  });
  describe(describer);
  return out;
}

}  // namespace heddle
