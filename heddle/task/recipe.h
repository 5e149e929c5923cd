#pragma once
// A whole job in one file: data, tokenizer, model, training, decoding.

#include <filesystem>
#include <string>
#include <vector>

#include "heddle/decode/beam_search.h"
#include "heddle/model/config.h"
#include "heddle/text/trainers/tokenizer_recipe.h"
#include "heddle/train/config.h"

namespace heddle::task {

struct DataConfig {
  std::string dir = ".";
  std::string domains;  // "news, talks": files whose names hold {domain} are one of each (domains.h)
  std::string train_source = "train.source", train_target = "train.target";
  std::string valid_source = "valid.source", valid_target = "valid.target";
  std::string train_text,
      valid_text;                 // of a language model: whole texts; empty: questions are sources, answers targets
  int64_t block = 256;            // tokens that it reads of a text at a time
  std::string document_end = {};  // of a document of that text; empty: it is one stream
  double infill = 0;              // share of the blocks whose middle is read last
  int64_t train_lines = 0;        // only the first pairs; 0: all
  std::string source_column = "source", target_column = "target";  // of a TSV, when the target file is ""
  int64_t max_source_tokens = 256, max_target_tokens = 256;        // longer pairs are left out of training
  double max_ratio = 0;                                            // of the longer side to the shorter; 0: any
};

struct TokenizerConfig {
  std::string file;                     // an existing tokenizer.json; empty: one is trained
  text::TokenizerRecipe trained;        // of both sides together
  double coverage = 0;                  // 0: as usual for the type
  std::string split;                    // one more rule to cut by; empty: none
  std::vector<std::string> marks = {};  // special tokens that the task needs beside the usual ones
};

// How the training text is cut; what is translated is always cut as usual.
struct TextConfig {
  double dropout = 0;  // how often words are cut otherwise, anew in every epoch (heddle/text/models/subword_sampling.h)
  double alpha = 0.2;
  int64_t nbest = 0;
  std::string sides = "both";  // source, target, both
};

struct DecodeConfig {
  int64_t beam = 5;
  std::string length_penalty = "wu";  // none, average, wu
  double alpha = 0.6;
  double coverage = 0;
  double max_factor = 2.0;
  int64_t max_extra = 20;
  bool stop_early = false;
  double exit_threshold = 0;    // probability at which a token stops at an exit layer; 0: never
  int64_t batch_tokens = 4096;  // source tokens decoded together
  int64_t validation_beam = 1;  // beam while training
  int64_t validation_lines = 1000;
};

struct Recipe {
  std::string task = "translation";  // or language_model
  std::string metric = "bleu";       // bleu, exact: what decides the best translator
  DataConfig data;
  TokenizerConfig tokenizer;
  TextConfig text;
  model::ModelConfig model;
  train::TrainConfig train;
  DecodeConfig decode;
};

void describe(Recipe& recipe, ConfigVisitor& visitor);

Recipe read_recipe(const std::filesystem::path& file, const std::vector<std::string>& overrides);

// The beam options of a model with these special tokens.
decode::BeamOptions beam_options(const DecodeConfig& config, int32_t start_token, int32_t end_token, int32_t pad_token);

}  // namespace heddle::task
