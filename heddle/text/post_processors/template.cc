#include "heddle/text/post_processors/template.h"

#include "heddle/base/error.h"

namespace heddle::text {
namespace {

using Item = TemplateProcessing::Item;

void write_items(JsonWriter& json, const char* key, const std::vector<Item>& items) {
  json.key(key);
  json.begin_list();
  for (const Item& item : items) {
    json.begin_object();
    json.key(item.special.empty() ? "Sequence" : "SpecialToken");
    json.begin_object();
    json.member("id", !item.special.empty() ? item.special : item.second ? "B" : "A");
    json.member("type_id", item.type_id);
    json.end_object();
    json.end_object();
  }
  json.end_list();
}

std::vector<Item> read_items(const JsonView& list) {
  if (!list.is_list()) list.fail("a template must be a list");
  std::vector<Item> items;
  for (size_t i = 0; i < list.size(); ++i) {
    const auto special = list.item(i).find("SpecialToken");
    const JsonView content = special ? *special : list.item(i).at("Sequence");
    Item item;
    item.type_id = static_cast<int32_t>(content.at("type_id").integer(0, INT32_MAX));
    const std::string& id = content.at("id").text();
    if (special) {
      if (id.empty()) content.fail("a special token of a template has no name");
      item.special = id;
    } else {
      if (id != "A" && id != "B") content.fail("a sequence of a template must be \"A\" or \"B\"");
      item.second = id == "B";
    }
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace

TemplateProcessing::TemplateProcessing(std::vector<Item> single, std::vector<Item> pair,
                                       std::map<std::string, Special> specials)
    : single_(std::move(single)), pair_(std::move(pair)), specials_(std::move(specials)) {
  for (const auto* items : {&single_, &pair_})
    for (const Item& item : *items)
      if (!item.special.empty() && !specials_.contains(item.special))
        fail_input("a template names the special token \"{}\", which its \"special_tokens\" lack", item.special);
  for (const Item& item : single_)
    if (item.second) fail_input("the template for a single text asks for a second one (\"B\")");
}

PostProcessorPtr TemplateProcessing::around(const std::vector<std::pair<std::string, int32_t>>& before,
                                            const std::vector<std::pair<std::string, int32_t>>& after) {
  std::map<std::string, Special> specials;
  std::vector<Item> single, pair;
  const auto put = [&](std::vector<Item>& items, const auto& tokens) {
    for (const auto& [token, id] : tokens) {
      items.push_back({token, false, 0});
      specials[token] = {{id}, {token}};
    }
  };
  put(single, before);
  single.push_back({"", false, 0});
  put(single, after);
  pair = single;
  pair.push_back({"", true, 0});
  put(pair, after);
  return std::make_shared<TemplateProcessing>(std::move(single), std::move(pair), std::move(specials));
}

size_t TemplateProcessing::added_tokens(bool pair) const {
  size_t count = 0;
  for (const Item& item : pair ? pair_ : single_)
    if (!item.special.empty()) count += specials_.at(item.special).ids.size();
  return count;
}

std::vector<Encoding> TemplateProcessing::process(std::vector<Encoding> parts, bool add_special_tokens) const {
  std::vector<Encoding> result;
  for (const Item& item : parts.size() == 2 ? pair_ : single_) {
    if (item.special.empty()) {
      if (parts.size() <= static_cast<size_t>(item.second)) continue;  // a template before this one left it out
      Encoding& part = parts[item.second ? 1 : 0];
      part.set_type(item.type_id);
      part.set_sequence(item.second ? 1 : 0);
      result.push_back(part);
    } else if (add_special_tokens) {
      const Special& special = specials_.at(item.special);
      Encoding& tokens = result.emplace_back();
      for (size_t i = 0; i < special.ids.size(); ++i)
        tokens.push_special(special.ids[i], special.tokens[i], item.type_id);
    }
  }
  return result;
}

void TemplateProcessing::write(JsonWriter& json) const {
  json.member("type", "TemplateProcessing");
  write_items(json, "single", single_);
  write_items(json, "pair", pair_);
  json.key("special_tokens");
  json.begin_object();
  for (const auto& [name, special] : specials_) {
    json.key(name);
    json.begin_object();
    json.member("id", name);
    json.key("ids");
    json.begin_list();
    for (int32_t id : special.ids) json.value(id);
    json.end_list();
    json.key("tokens");
    json.begin_list();
    for (const std::string& token : special.tokens) json.value(token);
    json.end_list();
    json.end_object();
  }
  json.end_object();
}

PostProcessorPtr read_template(const JsonView& json) {
  std::map<std::string, TemplateProcessing::Special> specials;
  if (const auto list = json.find("special_tokens"))
    list->each_member([&](const std::string& name, JsonView content) {
      TemplateProcessing::Special& special = specials[name];
      const JsonView ids = content.at("ids"), tokens = content.at("tokens");
      if (ids.size() != tokens.size()) content.fail("a special token must have as many ids as tokens");
      for (size_t i = 0; i < ids.size(); ++i) {
        special.ids.push_back(static_cast<int32_t>(ids.item(i).integer(0, INT32_MAX)));
        special.tokens.push_back(tokens.item(i).text());
      }
    });
  return std::make_shared<TemplateProcessing>(read_items(json.at("single")), read_items(json.at("pair")),
                                              std::move(specials));
}

}  // namespace heddle::text
