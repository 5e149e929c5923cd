#include "heddle/task/train_translation.h"

#include <algorithm>

#include "heddle/base/error.h"
#include "heddle/base/log.h"
#include "heddle/inspect/attention_snapshots.h"
#include "heddle/task/recipe_text.h"
#include "heddle/task/recipe_tokenizer.h"
#include "heddle/task/resampled_text.h"
#include "heddle/task/translation.h"

namespace heddle::task {
namespace {

// Both sides of the text together. Translation knows the end of a text by its end token.
text::Tokenizer joint_tokenizer(const Recipe& recipe, const TrainFlags& flags,
                                const std::vector<data::TextPair>& pairs) {
  const text::Tokenizer tokenizer =
      tokenizer_for(recipe.tokenizer, flags.own_tokenizer(), 2, [&](text::TokenizerTrainer& trainer) {
        for (const data::TextPair& pair : pairs) {
          trainer.add(pair.source, 0);
          trainer.add(pair.target, 1);
        }
      });
  const std::string end = tokenizer.token_of(*tokenizer.end_id());
  if (const auto ids = tokenizer.encode("a"); ids.empty() || ids.back() != *tokenizer.end_id())
    fail_input(
        "the tokenizer {} puts no {} after a text, by which translation knows its end; write one that does: heddle "
        "tokenizer convert {} --end '{}' --out tokenizer.json",
        recipe.tokenizer.file, end, recipe.tokenizer.file, end);
  return tokenizer;
}

data::LengthLimits limits_of(const Recipe& recipe) {
  return {.max_source_tokens = std::min(recipe.data.max_source_tokens, recipe.model.max_length),
          .max_target_tokens = std::min(recipe.data.max_target_tokens, recipe.model.max_length),
          .max_ratio = recipe.data.max_ratio};
}

// Of `pairs` those stay that are of use.
data::TranslationSet encode_training_text(std::vector<data::TextPair>& pairs, const text::Tokenizer& tokenizer,
                                          const Recipe& recipe) {
  const data::Encode encode = [&](std::string_view text) { return tokenizer.encode(text); };
  data::EncodedPairs encoded = data::encode_pairs(pairs, encode, encode, limits_of(recipe));
  const std::string left_out =
      fmt::format("{} with an empty side, {} too long and {} of too different lengths left out", encoded.empty,
                  encoded.too_long, encoded.uneven);
  if (encoded.set.size() == 0) fail_input("no training pair is left of {}: {}", pairs.size(), left_out);
  log_info("{} training pairs ({}), {} source and {} target tokens", encoded.set.size(), left_out,
           encoded.set.source_tokens(), encoded.set.target_tokens());
  for (size_t i = 0; i < encoded.kept.size(); ++i) std::swap(pairs[i], pairs[encoded.kept[i]]);
  pairs.resize(encoded.kept.size());
  return std::move(encoded.set);
}

// The sentences whose attention is stored while the model learns.
inspect::Examples watched_sentences(const Recipe& recipe, const std::vector<data::TextPair>& valid_text,
                                    const text::Tokenizer& tokenizer) {
  const train::TrainConfig& config = recipe.train;
  inspect::Examples watched = {.begin_id = *tokenizer.begin_id()};
  if (config.attention_every == 0) return watched;
  const std::vector<data::TextPair> given =
      config.attention_file.empty() ? valid_text : read_pairs({config.attention_file, {}, "1", "2"});
  const auto longest = static_cast<size_t>(recipe.model.max_length - 1);
  for (const data::TextPair& pair : given) {
    if (watched.size() == config.attention_sentences) break;
    if (pair.source.empty() || pair.target.empty()) continue;
    watched.source.push_back(tokenizer.encode(pair.source));
    watched.target.push_back(tokenizer.encode(pair.target));
    watched.domain.push_back(pair.domain);
    for (auto* ids : {&watched.source.back(), &watched.target.back()}) ids->resize(std::min(ids->size(), longest));
  }
  return watched;
}

}  // namespace

train::Outcome train_translation(Recipe recipe, const TrainFlags& flags) {
  auto train_text = read_training_pairs(recipe.data);
  auto valid_text = read_pairs(recipe.data, recipe.data.valid_source, recipe.data.valid_target);
  const text::Tokenizer tokenizer = joint_tokenizer(recipe, flags, train_text);
  recipe.model.vocab_size = tokenizer.vocab_size();
  const data::TranslationSet set = encode_training_text(train_text, tokenizer, recipe);
  const auto loaded = new_model(recipe, tokenizer);
  std::optional<ResampledText> resampled;
  TextOfEpoch text_of_epoch;
  if (recipe.text.dropout > 0) {
    resampled.emplace(train_text, set, tokenizer, recipe.text, limits_of(recipe),
                      static_cast<uint64_t>(recipe.train.seed));
    text_of_epoch = [&](int64_t epoch) { return resampled->epoch(epoch); };
  } else {
    train_text = {};
  }
  TranslationObjective objective(loaded->model, set, *tokenizer.begin_id(), recipe.train, text_of_epoch);
  const inspect::Examples watched = watched_sentences(recipe, valid_text, tokenizer);
  TranslationValidator validator(loaded->model, tokenizer, recipe, std::move(valid_text));
  return run_training(recipe, flags, *loaded, tokenizer, objective, validator, [&](int64_t step) {
    inspect::write_attention_snapshot(flags.out, step, inspect::Subject(*loaded), watched, tokenizer);
  });
}

}  // namespace heddle::task
