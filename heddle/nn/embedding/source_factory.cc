#include "heddle/nn/embedding/characters.h"
#include "heddle/nn/embedding/factorised.h"
#include "heddle/nn/embedding/hashing.h"
#include "heddle/nn/embedding/int8.h"
#include "heddle/nn/embedding/quotient_remainder.h"
#include "heddle/nn/embedding/table.h"
#include "heddle/nn/embedding/vectors.h"

namespace heddle::nn::embeddings {
namespace {

template <class T>
constexpr Entry source_entry() {
  return {T::kIdea, [](const Place& place, const EmbeddingSourceConfig& config) -> std::unique_ptr<Source> {
            return std::make_unique<T>(place, config);
          }};
}

constexpr Entry kSources[] = {
    source_entry<Table>(), source_entry<Hashing>(),    source_entry<Factorised>(), source_entry<QuotientRemainder>(),
    source_entry<Int8>(),  source_entry<Characters>(), source_entry<Vectors>(),
};

}  // namespace

std::span<const Entry> all() { return kSources; }

const Entry& find(std::string_view name) { return entry_of(all(), "model.embedding.kind", name); }

}  // namespace heddle::nn::embeddings
