#pragma once
// Short documents of a text, several in a block. Each is what it is alone where the mask holds `document`: its first
// token follows the begin token, its positions start anew, and it keeps its own number as an example (dropout of
// attention weights alone is drawn by block).

#include <string_view>
#include <vector>

#include "heddle/data/batches/document_packing.h"
#include "heddle/task/language_model.h"

namespace heddle::task {

// Adds the documents of a text, each up to where `end` ends; one of more than `block` tokens is cut into several.
void add_documents(data::LanguageSet& set, std::string_view text, std::string_view end,
                   const text::Tokenizer& tokenizer, int64_t block, int32_t domain);

// Throws InputError where a layer of the decoder mixes documents of a block.
void check_keeps_documents_apart(const model::ModelConfig& config);

class PackedDocuments : public Examples {
 public:
  // Blocks of at most `block` tokens; `documents` are those that outlive this.
  PackedDocuments(const data::LanguageSet& documents, int64_t block);
  std::vector<data::ExampleLength> open(int64_t) override;
  void append_to(data::TranslationBatch& batch, int32_t number) const override;

 private:
  const data::LanguageSet& documents_;
  std::vector<data::PackedRow> blocks_;
};

}  // namespace heddle::task
