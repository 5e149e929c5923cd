#include "heddle/text/json/json_view.h"

#include <nlohmann/json.hpp>

#include "heddle/base/error.h"
#include "heddle/base/json_text.h"
#include "heddle/text/utf8.h"

namespace heddle::text {
namespace {

const nlohmann::json& json(const void* node) { return *static_cast<const nlohmann::json*>(node); }

// The path from `from` to `node`, such as "/model/vocab"; nullopt: it is not below. Only errors ask for it.
std::optional<std::string> path_to(const nlohmann::json& from, const void* node) {
  if (&from == node) return "";
  const auto below = [&](const std::string& name, const nlohmann::json& child) -> std::optional<std::string> {
    if (const auto rest = path_to(child, node)) return "/" + name + *rest;
    return std::nullopt;
  };
  if (from.is_object()) {
    for (const auto& [key, child] : from.items())
      if (const auto path = below(key, child)) return path;
  } else if (from.is_array()) {
    for (size_t i = 0; i < from.size(); ++i)
      if (const auto path = below(std::to_string(i), from[i])) return path;
  }
  return std::nullopt;
}

}  // namespace

struct JsonDocument::Tree {
  nlohmann::json root;
};

JsonDocument::JsonDocument(std::string_view text, std::string source)
    : source_(std::move(source)), tree_(std::make_unique<Tree>()) {
  if (const std::string problem = json_problem(text); !problem.empty())
    fail_input("{}: the file {}; expected a tokenizer.json", source_, problem);
  tree_->root = nlohmann::json::parse(text, nullptr, false);
}

JsonDocument::~JsonDocument() = default;

JsonView JsonDocument::root() const { return {*this, &tree_->root}; }

void JsonView::fail_with(const std::string& what) const {
  const auto path = path_to(document_->tree_->root, node_);
  fail_input("{}: {}{}; expected a tokenizer.json as the tokenizers library writes it", document_->source_,
             path && !path->empty() ? *path + ": " : "", what);
}

bool JsonView::is_null() const { return json(node_).is_null(); }
bool JsonView::is_text() const { return json(node_).is_string(); }
bool JsonView::is_list() const { return json(node_).is_array(); }
bool JsonView::is_object() const { return json(node_).is_object(); }

std::optional<JsonView> JsonView::find(const char* key) const {
  if (!is_object()) fail("there must be an object here");
  const auto found = json(node_).find(key);
  if (found == json(node_).end() || found->is_null()) return std::nullopt;
  return JsonView(*document_, &*found);
}

bool JsonView::has(const char* key) const { return find(key).has_value(); }

JsonView JsonView::at(const char* key) const {
  const auto found = find(key);
  if (!found) fail("the key \"{}\" is missing", key);
  return *found;
}

void JsonView::each_member(const std::function<void(const std::string&, JsonView)>& use) const {
  if (!is_object()) fail("there must be an object here");
  const nlohmann::json& object = json(node_);
  for (auto member = object.begin(); member != object.end(); ++member) use(member.key(), {*document_, &*member});
}

size_t JsonView::size() const {
  if (!is_list() && !is_object()) fail("there must be a list here");
  return json(node_).size();
}

JsonView JsonView::item(size_t index) const {
  if (!is_list()) fail("there must be a list here");
  if (index >= size()) fail("the list must have more than {} elements", index);
  return {*document_, &json(node_)[index]};
}

const std::string& JsonView::text() const {
  if (!is_text()) fail("there must be a string here");
  return json(node_).get_ref<const std::string&>();
}

bool JsonView::flag() const {
  if (!json(node_).is_boolean()) fail("there must be true or false here");
  return json(node_).get<bool>();
}

double JsonView::number() const {
  if (!json(node_).is_number()) fail("there must be a number here");
  return json(node_).get<double>();
}

int64_t JsonView::integer(int64_t least, int64_t most) const {
  const nlohmann::json& value = json(node_);
  const bool small =
      value.is_number_unsigned() ? value.get<uint64_t>() <= uint64_t{INT64_MAX} : value.is_number_integer();
  if (!small || value.get<int64_t>() < least || value.get<int64_t>() > most)
    fail("there must be a whole number from {} to {} here", least, most);
  return value.get<int64_t>();
}

int32_t JsonView::one_code_point() const {
  const std::string& value = text();
  if (value.empty() || decode(value.data()).length != static_cast<int>(value.size()))
    fail("there must be a string of one character here");
  return decode(value.data()).value;
}

std::string JsonView::text_or(const char* key, std::string otherwise) const {
  const auto found = find(key);
  return found ? found->text() : std::move(otherwise);
}

bool JsonView::flag_or(const char* key, bool otherwise) const {
  const auto found = find(key);
  return found ? found->flag() : otherwise;
}

}  // namespace heddle::text
