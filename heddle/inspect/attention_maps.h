#pragma once
// Where the heads of a model look: the weights of every head over every sequence of a pass, and figures of them.
//
// Of a query at row i with weights p over the columns j: the mass on j = i (the diagonal), on i-1, on i+1, on the first
// and the last column; the entropy -Σ p ln p in nats; the distance Σ p |j-i|. Means over all rows that see anything
// (Clark et al. 2019; Kovaleva et al. 2019).

#include <string>
#include <vector>

#include "heddle/inspect/subject.h"

namespace heddle::inspect {

struct AttentionMap {
  std::string attention;  // "decoder.layers.1.cross_attention"
  int head = 0;
  int64_t sequence = 0, rows = 0, columns = 0;
  std::vector<float> weights;

  double at(int64_t row, int64_t column) const { return weights[static_cast<size_t>(row * columns + column)]; }
};

// A probe that keeps the maps of attentions whose name holds `where`; those of the last pass alone.
class AttentionReader : public nn::Probe {
 public:
  explicit AttentionReader(std::string where = {});
  ~AttentionReader() override;
  AttentionReader(const AttentionReader&) = delete;
  AttentionReader& operator=(const AttentionReader&) = delete;

  ops::AttentionProbe* attention(std::string_view name) override;
  const std::vector<AttentionMap>& maps() const { return maps_; }
  void clear() { maps_.clear(); }

 private:
  class Keep;
  std::string where_, name_;
  std::vector<AttentionMap> maps_;
  std::unique_ptr<Keep> keep_;
};

struct HeadFigures {
  std::string attention;
  int head = 0;
  double diagonal = 0, previous = 0, next = 0, first = 0, last = 0, chosen = 0;
  double entropy = 0, distance = 0;
  int64_t rows = 0;
};

// Of every head over all examples. `chosen` is the mass on these columns; below 0 they count from the end.
std::vector<HeadFigures> head_figures(const Subject& subject, const Examples& examples, const std::string& where = {},
                                      const std::vector<int>& positions = {});
// Adds the rows of a map; finish_figures() divides by them.
void add_figures(const AttentionMap& map, const std::vector<int>& positions, std::vector<HeadFigures>& figures);
void finish_figures(std::vector<HeadFigures>& figures);

// The mean of the heads of one attention over one sequence, row after row.
std::vector<std::vector<double>> mean_over_heads(const std::vector<AttentionMap>& maps, const std::string& attention,
                                                 int64_t sequence);

}  // namespace heddle::inspect
