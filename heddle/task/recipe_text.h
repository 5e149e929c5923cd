#pragma once
// The text that a recipe's [data] names.

#include <span>
#include <string>
#include <vector>

#include "heddle/data/language_set.h"
#include "heddle/data/parallel_text.h"
#include "heddle/task/recipe.h"
#include "heddle/text/tokenizer.h"

namespace heddle::task {

// All pairs, in order. Bad lines are warned of.
std::vector<data::TextPair> read_pairs(const data::ParallelFiles& files);
// Of two files in the data's folder, or of a TSV when `target` is empty; of several domains in turn, one pair of each.
std::vector<data::TextPair> read_pairs(const DataConfig& config, const std::string& source, const std::string& target);
// Those to train on: no more than data.train_lines, if that is set.
std::vector<data::TextPair> read_training_pairs(const DataConfig& config);

// A text, and of which domain it is.
struct DomainText {
  std::string text;
  int32_t domain = kNoDomain;
};
// The text of a file in the data's folder, or those of all domains.
std::vector<DomainText> read_texts(const DataConfig& config, const std::string& name);
// Blocks of texts as a language model reads them, or their documents where data.document_end says what ends one.
data::LanguageSet encode_texts(const DataConfig& config, std::span<const DomainText> texts,
                               const text::Tokenizer& tokenizer);

// A whole file as one text, its lines joined by LF. Throws InputError for one that is empty.
std::string read_whole(const std::filesystem::path& file);

}  // namespace heddle::task
