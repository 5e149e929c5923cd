#include "heddle/nn/embedding/factorised.h"
#include "heddle/nn/embedding/hashing.h"
#include "heddle/nn/embedding/int8.h"
#include "heddle/nn/embedding/quotient_remainder.h"
#include "heddle/nn/embedding/table.h"

namespace heddle::nn::embeddings {
namespace {

template <class T>
constexpr Entry entry() {
  return {T::kIdea, [](const Place& place, const EmbeddingSourceConfig& config) -> std::unique_ptr<Source> {
            return std::make_unique<T>(place, config);
          }};
}

constexpr Entry kAll[] = {
    entry<Table>(), entry<Hashing>(), entry<Factorised>(), entry<QuotientRemainder>(), entry<Int8>(),
};

}  // namespace

std::span<const Entry> all() { return kAll; }

const Entry& find(std::string_view name) { return entry_of(all(), "model.embedding.kind", name); }

}  // namespace heddle::nn::embeddings
