#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <map>

#include "app/commands.h"
#include "heddle/base/error.h"
#include "heddle/model/store.h"
#include "heddle/text/tokenizer.h"
#include "heddle/train/checkpoint.h"

namespace heddle::app {

void add_info_command(CLI::App& app, Chosen& chosen) {
  auto folder = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("info", "Say what a model folder holds.");
  command->add_option("model", *folder, "Model folder")->required();
  command->footer("Example:\n  heddle info run");
  command->callback([folder, &chosen] {
    chosen = [folder] {
      const auto loaded = model::load_model(*folder);
      const model::ModelConfig& c = loaded->model.config();
      fmt::print("architecture  {}, {} encoder and {} decoder layers, width {}, {} heads, inner width {}, {} norm ({}), {} positions\n", c.kind,
                 c.kind == "encoder_decoder" ? c.encoder_layers : 0, c.decoder_layers, c.width, *c.layer.heads, *c.layer.ffn, *c.layer.norm, *c.layer.norm_place, c.position);
      std::map<std::string, int64_t> by_role;
      for (const nn::ParameterInfo& info : loaded->parameters.all()) by_role[info.role] += info.shape.count();
      fmt::print("parameters    {} ({})\n", loaded->parameters.parameter_count(), name_of(loaded->weights.dtype()));
      for (const auto& [role, count] : by_role) fmt::print("  {:<14} {}\n", role, count);
      const text::Tokenizer tokenizer = text::Tokenizer::load(std::filesystem::path(*folder) / "tokenizer.json");
      fmt::print("tokenizer     byte-level BPE, {} tokens\n", tokenizer.vocab_size());
      const auto newest = train::CheckpointFolder(std::filesystem::path(*folder) / "checkpoints").newest([](const std::string&) {});
      if (newest)
        fmt::print("training      step {}, {:.1f} minutes, {} target tokens, epoch {}; best score {:.2f} at step {}{}\n", newest->state.step, newest->state.seconds / 60,
                   newest->state.target_tokens, newest->state.position.epoch, newest->state.best_score, newest->state.best_step, newest->state.finished ? "; finished" : "");
      return 0;
    };
  });
}

}  // namespace heddle::app
