#pragma once
// What every layer hands to the next, over all examples: read at the points "encoder.embedded",
// "encoder.layers.0.state", …, "decoder.states".

#include <map>
#include <string>
#include <vector>

#include "heddle/inspect/subject.h"

namespace heddle::inspect {

struct LayerStates {
  std::string point;
  Tensor rows;   // [tokens, width], sequence after sequence
  Tensor first;  // [sequences, width]: the state of each sequence's first token, where BERT has its [CLS]
  Tensor mean;   // [sequences, width]: the mean of its states
};

// In the order of the pass: the encoder's, then the decoder's. All rows of a stack are those of the same tokens.
std::vector<LayerStates> layer_states(const Subject& subject, const Examples& examples);

// Whether a point is the encoder's, whose rows are source tokens.
inline bool of_encoder(const std::string& point) { return point.starts_with("encoder."); }

}  // namespace heddle::inspect
