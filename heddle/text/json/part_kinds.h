#pragma once
// The kinds of one part of the pipeline by the "type" that a tokenizer.json gives them: a line per kind.

#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "heddle/base/error.h"
#include "heddle/text/json/json_view.h"

namespace heddle::text {

template <class PartPtr>
class PartKinds {
 public:
  using Make = std::function<PartPtr(const JsonView& json)>;

  PartKinds(const char* part, std::initializer_list<std::pair<const std::string, Make>> kinds)
      : part_(part), kinds_(kinds) {}

  PartPtr read(const JsonView& json) const {
    const auto kind = kinds_.find(json.type());
    if (kind == kinds_.end()) {
      std::string known;
      for (const auto& [name, make] : kinds_) known += (known.empty() ? "" : ", ") + name;
      json.fail("the {} \"{}\" is not known; known are {}", part_, json.type().substr(0, 100), known);
    }
    return kind->second(json);
  }

 private:
  const char* part_;
  std::map<std::string, Make> kinds_;
};

}  // namespace heddle::text
