#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>

#include "app/commands.h"
#include "heddle/base/error.h"
#include "heddle/ops/einsum/plan.h"

namespace heddle::app {
namespace {

using nlohmann::ordered_json;

int64_t size_from(std::string_view text, const std::string& shapes) {
  int64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc() || end != text.data() + text.size() || size < 0)
    fail_input("--shapes {}: \"{}\" is no size; expected shapes such as 2x3,3x4, and \"\" for a number alone", shapes,
               text);
  return size;
}

// "2x3,3x4" → [2, 3], [3, 4]; nothing between commas is a scalar.
std::vector<ops::Sizes> shapes_from(const std::string& text) {
  std::vector<ops::Sizes> shapes(1);
  size_t begin = 0;
  for (size_t at = 0; at <= text.size(); ++at) {
    if (at < text.size() && text[at] != 'x' && text[at] != ',') continue;
    const bool scalar = at == begin && shapes.back().empty() && (at == text.size() || text[at] == ',');
    if (!scalar) shapes.back().push_back(size_from(std::string_view(text).substr(begin, at - begin), text));
    if (at < text.size() && text[at] == ',') shapes.emplace_back();
    begin = at + 1;
  }
  return shapes;
}

std::string as_json(const ops::EinsumPlan& plan) {
  ordered_json steps = ordered_json::array();
  for (const ops::EinsumStep& step : plan.steps) {
    ordered_json values = {step.left};
    if (step.right >= 0) values.push_back(step.right);
    steps.push_back({{"values", values},
                     {"result", plan.indices.text(step.result)},
                     {"multiply_adds", step.multiply_adds},
                     {"elements", step.elements}});
  }
  const ops::EinsumPlan plain = ops::plan_einsum(plan.indices, ops::EinsumOrder::left_to_right);
  const ordered_json json = {{"expression", plan.indices.expression.text},
                             {"steps", steps},
                             {"multiply_adds", plan.multiply_adds},
                             {"multiply_adds_left_to_right", plain.multiply_adds},
                             {"multiply_adds_all_at_once", ops::all_at_once(plan.indices)},
                             {"peak_elements", plan.peak_elements}};
  return json.dump();
}

}  // namespace

void add_einsum_command(Command app) {
  struct Flags {
    std::string expression, shapes;
    bool json = false;
  };
  auto flags = std::make_shared<Flags>();
  Command command = app.command("einsum", "In which order an einsum would be computed, and what it costs.");
  command.option("expression", flags->expression, "Such as 'ij,jk->ik'").required();
  command.option("--shapes", flags->shapes, "Sizes of the operands, such as 2x3,3x4").required();
  command.flag("--json", flags->json, "One JSON object on stdout");
  command.example("heddle einsum 'ij,jk,kl->il' --shapes 10x1000,1000x10,10x1000");
  command.run([flags] {
    const ops::EinsumPlan plan = ops::plan_einsum(flags->expression, shapes_from(flags->shapes));
    fmt::print("{}", flags->json ? as_json(plan) + "\n" : ops::describe(plan));
    return 0;
  });
}

}  // namespace heddle::app
