// Any bytes as a config: the first byte says whether as TOML, as JSON, or as an override. A
// sentence, or values that read back equal from what is written.

#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "heddle/base/config.h"
#include "heddle/base/error.h"

namespace {

struct Part {
  std::string name;
  std::optional<double> weight;
  bool operator==(const Part&) const = default;
};

struct Loom {
  int64_t shafts = 4;
  double tension = 0.5;
  bool treadle = true;
  std::string kind = "jack", label;
  std::optional<int64_t> width;
  Part beam;
  std::vector<Part> parts;
  bool operator==(const Loom&) const = default;
};

void describe(Part& part, heddle::ConfigVisitor& v) {
  v.field("name", part.name, "What it is.", heddle::Allowed::any());
  v.field("weight", part.weight, "Kilograms.", heddle::Allowed::any());
}

heddle::Describe describe(Loom& loom) {
  return [&loom](heddle::ConfigVisitor& v) {
    v.field("shafts", loom.shafts, "Shafts.", heddle::Allowed::between(2, 32));
    v.field("tension", loom.tension, "Tension.", heddle::Allowed::any());
    v.field("treadle", loom.treadle, "Treadles.", heddle::Allowed::any());
    v.field("kind", loom.kind, "Kind.", heddle::Allowed::one_of({"counterbalance", "jack", "table"}));
    v.field("label", loom.label, "Any text.", heddle::Allowed::any());
    v.field("width", loom.width, "Centimetres.", heddle::Allowed::any());
    v.section("warp", "The warp.", [&] { v.section("beam", "Its beam.", [&] { describe(loom.beam, v); }); });
    v.items("part", "Parts.", loom.parts, [&](Part& part) { describe(part, v); });
  };
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  Loom loom, from_toml, from_json;
  try {
    if (data[0] == 'T') heddle::read_config(text, "fuzz.toml", {}, describe(loom));
    else if (data[0] == 'J') heddle::read_json_config(text, "fuzz.json", describe(loom));
    else heddle::read_config("shafts = 8", "fuzz.toml", {text}, describe(loom));
  } catch (const heddle::InputError&) {
    return 0;
  }
  // What was read must be written so that it reads back: an error from here on is ours.
  heddle::read_config(heddle::config_as_toml(describe(loom)), "written.toml", {}, describe(from_toml));
  heddle::read_json_config(heddle::config_as_json(describe(loom)), "written.json", describe(from_json));
  if (!(from_toml == loom) || !(from_json == loom)) std::abort();
  return 0;
}
