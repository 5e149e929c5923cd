#pragma once
// A model whose tokenizer got new tokens: the rows of its embedding, and of its output layer where that has its own,
// start from the mean of the rows that stood for the new token before.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "heddle/model/store.h"

namespace heddle::model {

// The same model with old_pieces.size() more tokens, whose ids follow the old ones. All that has a row for each token
// (or a number, as a bias) is looked up by its shape: row of new token i = mean of the rows old_pieces[i]; zero where
// it had none. Throws InputError for ids that the model does not have.
std::unique_ptr<LoadedModel> with_more_tokens(const LoadedModel& model,
                                              std::span<const std::vector<int32_t>> old_pieces);

}  // namespace heddle::model
