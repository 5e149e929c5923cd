#include "heddle/task/packed_documents.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

#include "heddle/base/error.h"
#include "heddle/text/id_rows.h"

namespace heddle::task {
namespace {

std::vector<data::PackedRow> packed(const data::LanguageSet& documents, int64_t block) {
  std::vector<int64_t> lengths;
  for (int64_t i = 0; i < documents.size(); ++i) lengths.push_back(std::ssize(documents.ids(i)));
  return data::pack_documents(lengths, block);
}

// Whether a query sees no key of another document, as far as a few dozen positions show.
bool keeps_apart(const kernels::Mask& mask) {
  std::vector<int32_t> documents(48);
  std::iota(documents.begin(), documents.end(), 0);
  const kernels::MaskFacts facts = {.query_document = documents, .key_document = documents, .documents_ascend = true};
  for (int64_t q = 0; q < std::ssize(documents); ++q)
    for (int64_t k = 0; k < std::ssize(documents); ++k)
      if (k != q && mask.allowed(q, k, facts)) return false;
  return true;
}

}  // namespace

void add_documents(data::LanguageSet& set, std::string_view text, std::string_view end,
                   const text::Tokenizer& tokenizer, int64_t block, int32_t domain) {
  std::vector<std::string_view> documents;
  while (!text.empty()) {
    const size_t found = text.find(end);
    documents.push_back(text.substr(0, found == text.npos ? found : found + end.size()));
    text.remove_prefix(documents.back().size());
  }
  text::IdRows rows;
  constexpr size_t kAtOnce = 4096;  // few enough that their ids are little beside those of all
  for (size_t first = 0; first < documents.size(); first += kAtOnce) {
    const size_t count = std::min(kAtOnce, documents.size() - first);
    text::encode_rows(tokenizer, std::span(documents).subspan(first, count), false, rows);
    for (const std::span<const int32_t> row : rows) data::add_stream(set, row, *tokenizer.begin_id(), block, domain);
  }
}

void check_keeps_documents_apart(const model::ModelConfig& config) {
  for (int64_t i = 0; i < config.decoder_layers; ++i) {
    const nn::LayerConfig layer = resolve_layer(config, model::Stack::decoder, i);
    if (!keeps_apart(layer.self_attention.mask))
      fail_input(
          "data.document_end puts several documents into a block, and model.attention.mask of layer {} lets them see "
          "one another; set model.attention.mask = \"causal & document\"",
          i);
    if (layer.feed_forward.kind == "convolution")
      fail_input(
          "data.document_end puts several documents into a block, and model.ffn_kind = \"convolution\" of layer {} "
          "mixes neighbours over their ends; choose another model.ffn_kind",
          i);
  }
}

PackedDocuments::PackedDocuments(const data::LanguageSet& documents, int64_t block)
    : documents_(documents), blocks_(packed(documents, block)) {}

std::vector<data::ExampleLength> PackedDocuments::open(int64_t) {
  std::vector<data::ExampleLength> lengths;
  for (const data::PackedRow& block : blocks_) lengths.push_back({0, block.tokens});
  return lengths;
}

void PackedDocuments::append_to(data::TranslationBatch& batch, int32_t number) const {
  const int64_t first = batch.target_in.sequences();
  for (const int64_t document : blocks_[static_cast<size_t>(number)].documents)
    documents_.append_to(batch, document, document);
  batch.target_in.join(first);
  batch.target_out.join(first);
}

}  // namespace heddle::task
