#include "heddle/nn/dropout/dropout.h"

#include "heddle/nn/dropout/block.h"
#include "heddle/nn/dropout/element.h"
#include "heddle/nn/dropout/row.h"
#include "heddle/nn/dropout/variational.h"

namespace heddle::nn::dropouts {
namespace {

template <class T>
constexpr Entry entry() {
  return {T::kIdea, T::kPiece};
}

constexpr Entry kAll[] = {entry<Element>(), entry<Variational>(), entry<Row>(), entry<Block>()};

}  // namespace

std::span<const Entry> all() { return kAll; }

const Entry& find(std::string_view name) { return entry_of(all(), "model.dropout_kind", name); }

}  // namespace heddle::nn::dropouts
