#pragma once
// Which token a model gives for what it does not know.

#include "heddle/text/models/model.h"

namespace heddle::text {

// Vocabulary::kNone: there is none; such characters become bytes, are left out, or are an error.
int32_t unknown_id(const Model& model);

}  // namespace heddle::text
