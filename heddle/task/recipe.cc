#include "heddle/task/recipe.h"

#include "heddle/base/error.h"
#include "heddle/base/file.h"
#include "heddle/model/describe.h"
#include "heddle/model/early_exit.h"
#include "heddle/model/layer_blocks.h"
#include "heddle/task/domains.h"

namespace heddle::task {
namespace {

constexpr int64_t kLargestRecipe = 4 << 20;

void describe_data(DataConfig& c, ConfigVisitor& v) {
  v.field("dir", c.dir, "Folder of the data files.", Allowed::any());
  v.field(
      "domains", c.domains,
      "Names of the domains of the texts, such as \"news, talks\": a file below whose name holds {domain} is one file "
      "of each. Known to model.embedding.fusion = \"domains\" alone.",
      Allowed::any());
  v.field("train_source", c.train_source, "Source side of the training text; .gz and .zst are found too.",
          Allowed::any());
  v.field("train_target", c.train_target, "Target side; empty: train_source is a TSV with both.", Allowed::any());
  v.field("valid_source", c.valid_source, "Source side of the validation text.", Allowed::any());
  v.field("valid_target", c.valid_target, "Target side; empty: valid_source is a TSV with both.", Allowed::any());
  v.field("train_text", c.train_text,
          "Language model: a whole text to train on. Empty: train_source are questions, train_target their answers.",
          Allowed::any());
  v.field("valid_text", c.valid_text, "Language model: a whole text to validate on, by bits per character.",
          Allowed::any());
  v.field("block", c.block, "Language model: tokens of a text that are read at a time.", Allowed::between(1, 1e6));
  v.field("document_end", c.document_end,
          "Language model: what ends a document of a text, \"\\n\\n\" for a blank line. A block then holds whole "
          "documents, packed, which model.attention.mask = \"causal & document\" keeps apart. Empty: one stream.",
          Allowed::any());
  v.field("infill", c.infill,
          "Language model: share of the blocks that are read with their middle last, from whose surroundings it then "
          "writes it (Bavarian et al. 2022; heddle complete --infill).",
          Allowed::between(0, 1));
  v.field("train_lines", c.train_lines, "Only the first pairs of the training text; 0: all.", Allowed::at_least(0));
  v.field("source_column", c.source_column, "Column of a TSV.", Allowed::any());
  v.field("target_column", c.target_column, "Column of a TSV.", Allowed::any());
  v.field("max_source_tokens", c.max_source_tokens, "Longer sources are left out of training.", Allowed::at_least(1));
  v.field("max_target_tokens", c.max_target_tokens, "Longer targets are left out of training.", Allowed::at_least(1));
  v.field("max_ratio", c.max_ratio,
          "Pairs whose longer side has more than this times the tokens of the shorter are left out; 0: none.",
          Allowed::between(0, 1e6));
}

void describe_tokenizer(TokenizerConfig& c, ConfigVisitor& v) {
  v.field("file", c.file, "An existing tokenizer (docs/text.md names the forms); empty: one is trained on both sides.",
          Allowed::any());
  text::TokenizerRecipe& r = c.trained;
  v.field("type", r.type, "Kind of tokenizer to train.", Allowed::one_of(text::tokenizer_types()));
  v.field("vocab_size", r.vocab_size, "Tokens, special ones and bytes or characters included.",
          Allowed::between(1, 4e6));
  v.field("min_frequency", r.min_frequency, "A pair must be seen this often to be joined; a word, to be a token.",
          Allowed::at_least(1));
  v.field("lowercase", r.lowercase, "All letters small.", Allowed::any());
  v.field("case_marks", r.case_marks, "All letters small, with a mark as a token of its own where they were not.",
          Allowed::any());
  v.field("normalization", r.normalization, "Unicode form of the text.", Allowed::one_of({"none", "nfc", "nfkc"}));
  v.field("split", c.split,
          "One more rule to cut the text by: whitespace, punctuation, digits, scripts, a known pattern (gpt2, llama3, "
          "...), or a regular expression.",
          Allowed::any());
  v.field("coverage", c.coverage,
          "Share of the text's characters that are tokens; 0: 0.9995 for char-bpe and unigram, else all.",
          Allowed::between(0, 1));
  v.field("byte_fallback", r.byte_fallback, "char-bpe, unigram: unknown characters become bytes.", Allowed::any());
  v.field("sampling_temperature", r.sampling_temperature,
          "Above 1 the side with less text counts more, as if its share were raised to 1/temperature.",
          Allowed::between(0.01, 1e6));
}

void describe_text(TextConfig& c, ConfigVisitor& v) {
  v.field(
      "dropout", c.dropout,
      "Subword regularisation: how often the training text is cut otherwise, anew in every epoch. BPE: the chance "
      "that a merge is passed over; WordPiece: that a token is passed over for a shorter one; Unigram: that a word's "
      "cut is drawn by its probability instead of the best one.",
      Allowed::between(0, 1));
  v.field("alpha", c.alpha, "Unigram: a cut is drawn by its probability to this power; the lower, the more alike.",
          Allowed::between(0, 100));
  v.field(
      "nbest", c.nbest,
      "Unigram: a text is drawn, with the chance of text.dropout, from this many of its most probable cuts as a whole; "
      "0: each of its words from all cuts.",
      Allowed::between(0, 1024));
  v.field("sides", c.sides, "Which side is cut so.", Allowed::one_of({"both", "source", "target"}));
}

void describe_decode(DecodeConfig& c, ConfigVisitor& v) {
  v.field("beam", c.beam, "Hypotheses kept; 1 is greedy.", Allowed::between(1, 1000));
  v.field("length_penalty", c.length_penalty, "How scores of different length are compared.",
          Allowed::one_of({"none", "average", "wu"}));
  v.field("alpha", c.alpha, "Strength of the wu length penalty.", Allowed::between(0, 10));
  v.field("coverage", c.coverage, "Strength of the coverage penalty.", Allowed::between(0, 10));
  v.field("max_factor", c.max_factor, "Longest answer: max_factor times the source length ...",
          Allowed::between(0, 100));
  v.field("max_extra", c.max_extra, "... plus max_extra tokens.", Allowed::between(1, 100000));
  v.field("stop_early", c.stop_early, "Stop at `beam` finished hypotheses instead of when none can improve.",
          Allowed::any());
  v.field("exit_threshold", c.exit_threshold,
          "A token stops at the first of model.exit_layers that gives its next one at least this probability; 0: all "
          "go through all layers.",
          Allowed::between(0, 1));
  v.field("batch_tokens", c.batch_tokens, "Source tokens decoded together.", Allowed::between(1, 1e7));
  v.field("validation_beam", c.validation_beam, "Beam of the validations during training.", Allowed::between(1, 100));
  v.field("validation_lines", c.validation_lines, "Lines decoded in a validation during training.",
          Allowed::at_least(1));
}

}  // namespace

void describe(Recipe& r, ConfigVisitor& v) {
  v.field("task", r.task, "What is trained.", Allowed::one_of({"translation", "language_model"}));
  v.field("metric", r.metric,
          "What decides the best translator: BLEU, or share of exactly right answers. Of language models bits per "
          "character do, "
          "or with questions the share of exactly right answers.",
          Allowed::one_of({"bleu", "exact"}));
  v.section("data", "Where the text lies.", [&] { describe_data(r.data, v); });
  v.section("tokenizer", "How text becomes tokens.", [&] { describe_tokenizer(r.tokenizer, v); });
  v.section("text", "Subword regularisation of the training text.", [&] { describe_text(r.text, v); });
  v.section("model", "What the model is made of.", [&] { model::describe(r.model, v); });
  v.section("train", "How it is trained.", [&] { train::describe(r.train, v); });
  v.section("decode", "How it answers.", [&] { describe_decode(r.decode, v); });
}

Recipe read_recipe(const std::filesystem::path& file, const std::vector<std::string>& overrides) {
  Recipe recipe;
  read_config(read_file(file, kLargestRecipe), file.string(), overrides,
              [&](ConfigVisitor& v) { describe(recipe, v); });
  settle_domains(recipe);
  model::validate(recipe.model);
  model::require_causal_decoder(recipe.model);
  model::check_can_exit(recipe.model, recipe.decode.exit_threshold);
  model::check_blocks(recipe.model, recipe.train.checkpoint_blocks);
  const std::string needed = recipe.task == "language_model" ? "decoder_only" : "encoder_decoder";
  if (recipe.model.kind != needed)
    fail_input("{}: task = \"{}\" needs model.kind = \"{}\", it is \"{}\"", file.string(), recipe.task, needed,
               recipe.model.kind);
  return recipe;
}

decode::BeamOptions beam_options(const DecodeConfig& c, int32_t start_token, int32_t end_token, int32_t pad_token) {
  decode::BeamOptions options;
  options.beam = static_cast<int>(c.beam);
  options.start_token = start_token;
  options.end_token = end_token;
  options.forbidden = {start_token, pad_token};
  options.length_penalty = c.length_penalty == "none"      ? decode::LengthPenalty::none
                           : c.length_penalty == "average" ? decode::LengthPenalty::average
                                                           : decode::LengthPenalty::wu;
  options.alpha = c.alpha;
  options.coverage = c.coverage;
  options.max_factor = c.max_factor;
  options.max_extra = c.max_extra;
  options.stop_early = c.stop_early;
  return options;
}

}  // namespace heddle::task
