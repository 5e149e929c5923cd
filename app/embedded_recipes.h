#pragma once
// The files of recipes/, compiled into the program so that an installed binary has them.

#include <span>
#include <string_view>

namespace heddle::app {

struct EmbeddedRecipe {
  std::string_view name;  // "demo/dates"
  std::string_view text;
};

std::span<const EmbeddedRecipe> embedded_recipes();

}  // namespace heddle::app
