#pragma once
// Neurons of feed-forward networks as memories (Geva et al. 2021, 2022): which inputs a neuron answers to, and which
// tokens the column of the second matrix that it scales writes towards, seen through the output embedding.

#include <map>
#include <string>
#include <vector>

#include "heddle/inspect/subject.h"

namespace heddle::inspect {

struct NeuronInput {
  double value = 0;
  int64_t example = 0, position = 0;  // of the row that it was seen at
};

struct NeuronFigures {
  int64_t rows = 0, active = 0;  // active: above zero
  double sum = 0, squares = 0;
  std::vector<NeuronInput> top;  // largest first

  double mean() const { return rows > 0 ? sum / static_cast<double>(rows) : 0; }
  double deviation() const;
  double active_share() const { return rows > 0 ? static_cast<double>(active) / static_cast<double>(rows) : 0; }
};

// A probe that watches the neurons of every layer, at the points "….feed_forward.neurons".
class NeuronReader : public nn::Probe {
 public:
  explicit NeuronReader(size_t keep_top) : keep_top_(keep_top) {}
  Tensor at(std::string_view point, const Tensor& value, const Rows& rows) override;
  // By point, in the order of their names; one entry a neuron.
  const std::map<std::string, std::vector<NeuronFigures>, std::less<>>& layers() const { return layers_; }

 private:
  size_t keep_top_;
  std::map<std::string, std::vector<NeuronFigures>, std::less<>> layers_;
};

struct PromotedToken {
  int32_t id = 0;
  double score = 0;
};

// The tokens whose embedding the neuron's column of the second matrix points to most: the output's for a decoder, the
// source's for an encoder. Largest first. Empty where the layer has no such matrix, or the tokens no such table:
// experts, token vectors made of characters.
std::vector<PromotedToken> promoted_tokens(const Subject& subject, const std::string& point, int64_t neuron,
                                           size_t count);

}  // namespace heddle::inspect
