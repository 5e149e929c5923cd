#pragma once
// The keys of [model]: see heddle/base/config.h.

#include "heddle/base/config.h"
#include "heddle/model/config.h"

namespace heddle::model {

void describe(ModelConfig& config, ConfigVisitor& visitor);

}  // namespace heddle::model
