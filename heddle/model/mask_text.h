#pragma once
// A mask as a config writes it: "causal & window(128) & ~diagonal".
//
// Values: full, causal, window(w), dilated(s), prefix(k), block(b), diagonal. `~` binds closest, then `&`, then `|`;
// brackets as usual. See heddle/kernels/mask.h for what they mean.

#include <string_view>

#include "heddle/kernels/mask.h"

namespace heddle::model {

// Throws InputError that says where the text goes wrong.
kernels::Mask mask_from_text(std::string_view text);

}  // namespace heddle::model
