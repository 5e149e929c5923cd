#include "heddle/model/layer_choice.h"

#include <charconv>

#include "heddle/base/error.h"

namespace heddle::model {
namespace {

int64_t parse_index(std::string_view key, std::string_view text, std::string_view whole) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0)
    fail_input("{} = \"{}\" is not a choice of layers; write \"all\", \"3\", \"0-2\" or \"every 2\"", key, whole);
  return value;
}

}  // namespace

bool names_layer(std::string_view key, std::string_view choice, int64_t layer) {
  if (choice == "all") return true;
  constexpr std::string_view kEvery = "every ";
  if (choice.starts_with(kEvery)) {
    const int64_t step = parse_index(key, choice.substr(kEvery.size()), choice);
    if (step == 0) fail_input("{} = \"{}\" names no layer; write \"every 2\" or more", key, choice);
    return layer % step == 0;
  }
  if (const size_t dash = choice.find('-'); dash != std::string_view::npos) {
    const int64_t first = parse_index(key, choice.substr(0, dash), choice);
    const int64_t last = parse_index(key, choice.substr(dash + 1), choice);
    if (first > last) fail_input("{} = \"{}\" runs backwards; write the lower layer first", key, choice);
    return first <= layer && layer <= last;
  }
  return parse_index(key, choice, choice) == layer;
}

}  // namespace heddle::model
