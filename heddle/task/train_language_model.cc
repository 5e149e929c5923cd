#include "heddle/task/train_language_model.h"

#include <algorithm>

#include "heddle/base/error.h"
#include "heddle/base/log.h"
#include "heddle/inspect/attention_snapshots.h"
#include "heddle/metrics/code_points.h"
#include "heddle/task/infilling.h"
#include "heddle/task/inspected_text.h"
#include "heddle/task/language_model.h"
#include "heddle/task/packed_documents.h"
#include "heddle/task/recipe_text.h"
#include "heddle/task/recipe_tokenizer.h"

namespace heddle::task {
namespace {

// Adds the lines of a text that are not empty, as sources.
void add_lines(const DomainText& of, std::vector<data::TextPair>& lines) {
  std::string_view text = of.text;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (!line.empty()) lines.push_back({std::string(line), "", of.domain});
  }
}

std::vector<data::TextPair> lines_of(const std::vector<DomainText>& texts) {
  std::vector<data::TextPair> lines;
  for (const DomainText& one : texts) add_lines(one, lines);
  return lines;
}

// The lines, or questions, whose attention is stored while the model learns: those of train.attention_file, else
// `usual`.
inspect::Examples watched_texts(const Recipe& recipe, const std::vector<data::TextPair>& usual,
                                const text::Tokenizer& tokenizer) {
  const train::TrainConfig& config = recipe.train;
  inspect::Examples watched = {.begin_id = *tokenizer.begin_id()};
  if (config.attention_every == 0) return watched;
  const bool asks = recipe.data.train_text.empty();
  const std::string& file = config.attention_file;
  std::vector<data::TextPair> given = usual;
  if (!file.empty() && asks) given = read_pairs({file, {}, "1", "2"});
  else if (!file.empty()) given = lines_of({DomainText{read_whole(file)}});
  for (const data::TextPair& pair : given) {
    if (watched.size() == config.attention_sentences) break;
    if (asks) add_question(pair, tokenizer, recipe.model.max_length, watched);
    else add_text(pair, tokenizer, recipe.model.max_length, watched);
  }
  return watched;
}

// Stores what `watched` shows.
Snapshot snapshots(const TrainFlags& flags, const model::LoadedModel& loaded, const inspect::Examples& watched,
                   const text::Tokenizer& tokenizer) {
  return [&](int64_t step) {
    inspect::write_attention_snapshot(flags.out, step, inspect::Subject(loaded), watched, tokenizer);
  };
}

// Blocks of a text, some with their middle last if the recipe says so, or of several documents.
std::unique_ptr<Examples> text_examples(const Recipe& recipe, const data::LanguageSet& set,
                                        const text::Tokenizer& tokenizer) {
  if (!recipe.data.document_end.empty()) return std::make_unique<PackedDocuments>(set, recipe.data.block);
  if (recipe.data.infill == 0) return std::make_unique<LanguageExamples>(set);
  return std::make_unique<InfillingExamples>(set, infilling_tokens(tokenizer), *tokenizer.begin_id(),
                                             recipe.data.infill, static_cast<uint64_t>(recipe.train.seed));
}

void check_block(const Recipe& recipe) {
  const int64_t marks = recipe.data.infill > 0 ? data::kInfillingTokens : 0;
  if (recipe.data.block + marks <= recipe.model.max_length) return;
  fail_input("data.block = {}{} is longer than model.max_length = {}; lower the one or raise the other",
             recipe.data.block, marks > 0 ? " and the four marks of data.infill" : "", recipe.model.max_length);
}

void check_documents(const Recipe& recipe) {
  if (recipe.data.document_end.empty()) return;
  if (recipe.data.infill > 0)
    fail_input(
        "data.infill = {} takes the middle out of blocks, and data.document_end makes these of whole documents; set "
        "one of the two",
        recipe.data.infill);
  check_keeps_documents_apart(recipe.model);
}

train::Outcome train_on_text(Recipe& recipe, const TrainFlags& flags) {
  check_block(recipe);
  check_documents(recipe);
  if (recipe.data.infill > 0)
    for (const std::string_view mark : {data::kPrefixToken, data::kSuffixToken, data::kMiddleToken})
      recipe.tokenizer.marks.emplace_back(mark);
  const std::vector<DomainText> texts = read_texts(recipe.data, recipe.data.train_text),
                                valid_texts = read_texts(recipe.data, recipe.data.valid_text);
  const text::Tokenizer tokenizer =
      tokenizer_for(recipe.tokenizer, flags.own_tokenizer(), 1, [&](text::TokenizerTrainer& trainer) {
        for (const DomainText& one : texts) trainer.add(one.text);
      });
  recipe.model.vocab_size = tokenizer.vocab_size();
  const data::LanguageSet set = encode_texts(recipe.data, texts, tokenizer);
  log_info("{} tokens of text in {} {}", set.tokens(), set.size(),
           recipe.data.document_end.empty() ? "blocks" : "documents");
  const auto loaded = new_model(recipe, tokenizer);
  TokenObjective objective(loaded->model, text_examples(recipe, set, tokenizer), recipe.train);
  int64_t characters = 0;
  for (const DomainText& one : valid_texts) characters += std::ssize(metrics::code_points(one.text));
  LanguageValidator validator(loaded->model, encode_texts(recipe.data, valid_texts, tokenizer), characters);
  const inspect::Examples watched = watched_texts(recipe, lines_of(valid_texts), tokenizer);
  return run_training(recipe, flags, *loaded, tokenizer, objective, validator,
                      snapshots(flags, *loaded, watched, tokenizer));
}

data::LanguageSet questions(const std::vector<data::TextPair>& pairs, const text::Tokenizer& tokenizer,
                            const Recipe& recipe, const std::string& name) {
  int64_t left_out = 0;
  data::LanguageSet set = encode_questions(pairs, tokenizer, recipe.model.max_length, left_out);
  if (set.size() == 0)
    fail_input("none of the {} questions of {} fits into model.max_length = {} tokens", pairs.size(), name,
               recipe.model.max_length);
  log_info("{}: {} questions of {} tokens ({} too long left out)", name, set.size(), set.tokens(), left_out);
  return set;
}

train::Outcome train_on_questions(Recipe& recipe, const TrainFlags& flags) {
  const DataConfig& data = recipe.data;
  const auto train_pairs = read_training_pairs(data);
  auto valid_pairs = read_pairs(data, data.valid_source, data.valid_target);
  if (std::ssize(valid_pairs) > recipe.decode.validation_lines)
    valid_pairs.resize(static_cast<size_t>(recipe.decode.validation_lines));
  const text::Tokenizer tokenizer =
      tokenizer_for(recipe.tokenizer, flags.own_tokenizer(), 1, [&](text::TokenizerTrainer& trainer) {
        for (const data::TextPair& pair : train_pairs) {
          trainer.add(pair.source);
          trainer.add(pair.target);
        }
      });
  recipe.model.vocab_size = tokenizer.vocab_size();
  const data::LanguageSet set = questions(train_pairs, tokenizer, recipe, data.train_source);
  const auto loaded = new_model(recipe, tokenizer);
  TokenObjective objective(loaded->model, std::make_unique<LanguageExamples>(set), recipe.train);
  LanguageValidator validator(loaded->model, questions(valid_pairs, tokenizer, recipe, data.valid_source), 0);
  const inspect::Examples watched = watched_texts(recipe, valid_pairs, tokenizer);
  return run_training(recipe, flags, *loaded, tokenizer, objective, validator,
                      snapshots(flags, *loaded, watched, tokenizer));
}

}  // namespace

train::Outcome train_language_model(Recipe recipe, const TrainFlags& flags) {
  if (recipe.data.infill > 0 && recipe.data.train_text.empty())
    fail_input(
        "data.infill = {} takes the middle out of texts, and data.train_text is empty: questions have no middle; set "
        "one of the two",
        recipe.data.infill);
  return recipe.data.train_text.empty() ? train_on_questions(recipe, flags) : train_on_text(recipe, flags);
}

}  // namespace heddle::task
