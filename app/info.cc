#include <fmt/format.h>

#include <map>

#include "app/commands.h"
#include "heddle/base/error.h"
#include "heddle/model/cost.h"
#include "heddle/model/store.h"
#include "heddle/text/tokenizer.h"
#include "heddle/train/checkpoint.h"

namespace heddle::app {
namespace {

struct InfoFlags {
  std::string folder;
  int64_t tokens = 0;  // whose cost to print; 0: none
};

void print_cost(const model::ModelConfig& config, int64_t tokens) {
  const std::vector<int64_t> target = {tokens},
                             source = config.kind == "encoder_decoder" ? target : std::vector<int64_t>{};
  std::vector<model::BlockCost> blocks = model::forward_cost(config, source, target);
  blocks.push_back(model::total(blocks));
  fmt::print("cost          of one forward pass over {} tokens{}\n", tokens, source.empty() ? "" : " on either side");
  fmt::print("  {:<34}{:>14}{:>16}{:>16}{:>16}\n", "block", "parameters", "operations", "bytes kept", "bytes moved");
  for (const model::BlockCost& block : blocks)
    fmt::print("  {:<34}{:>14}{:>16}{:>16}{:>16}\n", block.name, block.parameters, block.operations,
               block.activation_bytes, block.bytes);
}

}  // namespace

void add_info_command(Command app) {
  auto flags = std::make_shared<InfoFlags>();
  Command command = app.command("info", "Say what a model folder holds.");
  command.option("model", flags->folder, "Model folder").required();
  command
      .option("--cost", flags->tokens,
              "Also what every block costs in a forward pass over so many tokens: parameters, operations, bytes "
              "kept for a backward pass, bytes moved at least")
      .between(int64_t{1}, int64_t{1} << 20);
  command.example("heddle info run --cost 64");
  command.run([flags] {
    const std::string& folder = flags->folder;
    const auto loaded = model::load_model(folder);
    const model::ModelConfig& c = loaded->model.config();
    fmt::print(
        "architecture  {}, {} encoder and {} decoder layers, width {}, {} heads, inner width {}, {} norm ({}), {} "
        "positions\n",
        c.kind, c.kind == "encoder_decoder" ? c.encoder_layers : 0, c.decoder_layers, c.width, *c.layer.heads,
        *c.layer.ffn, *c.layer.norm, *c.layer.norm_place, c.position);
    std::map<std::string, int64_t> by_role;
    for (const nn::ParameterInfo& info : loaded->parameters.all()) by_role[info.role] += info.shape.count();
    fmt::print("parameters    {} ({})\n", loaded->parameters.parameter_count(), name_of(loaded->weights.dtype()));
    for (const auto& [role, count] : by_role) fmt::print("  {:<14} {}\n", role, count);
    const text::Tokenizer tokenizer = text::Tokenizer::load(std::filesystem::path(folder) / "tokenizer.json");
    fmt::print("tokenizer     {} tokens\n", tokenizer.vocab_size());
    const auto newest =
        train::CheckpointFolder(std::filesystem::path(folder) / "checkpoints").newest([](const std::string&) {});
    if (newest)
      fmt::print("training      step {}, {:.1f} minutes, {} target tokens, epoch {}; best {} {:.2f} at step {}{}\n",
                 newest->state.step, newest->state.seconds / 60, newest->state.target_tokens,
                 newest->state.position.epoch, newest->state.score_name, newest->state.best_score,
                 newest->state.best_step, newest->state.finished ? "; finished" : "");
    if (flags->tokens > 0) print_cost(c, flags->tokens);
    return 0;
  });
}

}  // namespace heddle::app
