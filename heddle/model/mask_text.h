#pragma once
// A mask as a config writes it: "causal & window(128) & ~diagonal".
//
// Values: full, causal, window(w), dilated(s), prefix(k), block(b), diagonal, global(k), block_sparse(b, r) with an
// optional seed as a third number, document, padding, arbitrary(0, 5, 9..12) of key positions, and bias(mask, x), which
// adds x to the scores of the pairs that the mask shows and is joined by & alone. `~` binds closest, then `&`, then
// `|`; brackets as usual. See heddle/kernels/mask.h for what they mean.

#include <string>
#include <string_view>

#include "heddle/kernels/mask.h"

namespace heddle::model {

// Throws InputError that says where the text goes wrong.
kernels::Mask mask_from_text(std::string_view text);

// The values' names, for a sentence: "full, causal, window(w), …".
std::string mask_values();

}  // namespace heddle::model
