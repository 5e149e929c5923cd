#include "heddle/inspect/attention_maps.h"

#include <algorithm>
#include <cmath>

namespace heddle::inspect {

class AttentionReader::Keep {
 public:
  explicit Keep(AttentionReader& reader) : probe_(Scores{}, Weights{&reader}) {}
  ops::AttentionProbe* probe() { return &probe_; }

 private:
  struct Scores {
    template <class T>
    void operator()(int64_t, int, int64_t, int64_t, T*) const {}
  };
  struct Weights {
    AttentionReader* reader;
    template <class T>
    void operator()(int64_t sequence, int head, int64_t rows, int64_t columns, T* values) const {
      reader->maps_.push_back({reader->name_, head, sequence, rows, columns, {values, values + rows * columns}});
    }
  };
  ops::AttentionProbeOf<Scores, Weights> probe_;
};

AttentionReader::AttentionReader(std::string where) : where_(std::move(where)), keep_(std::make_unique<Keep>(*this)) {}
AttentionReader::~AttentionReader() = default;

ops::AttentionProbe* AttentionReader::attention(std::string_view name) {
  if (name.find(where_) == std::string_view::npos) return nullptr;
  name_ = name;
  return keep_->probe();
}

void add_figures(const AttentionMap& map, const std::vector<int>& positions, std::vector<HeadFigures>& figures) {
  auto found = std::ranges::find_if(
      figures, [&](const HeadFigures& f) { return f.head == map.head && f.attention == map.attention; });
  if (found == figures.end()) {
    figures.push_back({.attention = map.attention, .head = map.head});
    found = figures.end() - 1;
  }
  for (int64_t i = 0; i < map.rows; ++i) {
    double total = 0, entropy = 0, distance = 0;
    for (int64_t j = 0; j < map.columns; ++j) {
      const double p = map.at(i, j);
      total += p;
      if (p > 0) entropy -= p * std::log(p);
      distance += p * std::abs(static_cast<double>(j - i));
    }
    if (total <= 0) continue;  // nothing to see
    const auto mass = [&](int64_t j) { return j >= 0 && j < map.columns ? map.at(i, j) : 0.0; };
    found->diagonal += mass(i);
    found->previous += mass(i - 1);
    found->next += mass(i + 1);
    found->first += mass(0);
    found->last += mass(map.columns - 1);
    for (const int position : positions) found->chosen += mass(position < 0 ? map.columns + position : position);
    found->entropy += entropy;
    found->distance += distance;
    ++found->rows;
  }
}

void finish_figures(std::vector<HeadFigures>& figures) {
  for (HeadFigures& f : figures)
    for (double* sum : {&f.diagonal, &f.previous, &f.next, &f.first, &f.last, &f.chosen, &f.entropy, &f.distance})
      *sum /= static_cast<double>(std::max<int64_t>(1, f.rows));
}

std::vector<HeadFigures> head_figures(const Subject& subject, const Examples& examples, const std::string& where,
                                      const std::vector<int>& positions) {
  std::vector<HeadFigures> figures;
  AttentionReader reader(where);
  for_each_batch(examples, [&](const data::TranslationBatch& batch, int64_t) {
    run(subject, batch, &reader);
    for (const AttentionMap& map : reader.maps()) add_figures(map, positions, figures);
    reader.clear();
  });
  finish_figures(figures);
  return figures;
}

std::vector<std::vector<double>> mean_over_heads(const std::vector<AttentionMap>& maps, const std::string& attention,
                                                 int64_t sequence) {
  std::vector<std::vector<double>> mean;
  int heads = 0;
  for (const AttentionMap& map : maps) {
    if (map.attention != attention || map.sequence != sequence) continue;
    ++heads;
    mean.resize(static_cast<size_t>(map.rows), std::vector<double>(static_cast<size_t>(map.columns)));
    for (int64_t i = 0; i < map.rows; ++i)
      for (int64_t j = 0; j < map.columns; ++j) mean[static_cast<size_t>(i)][static_cast<size_t>(j)] += map.at(i, j);
  }
  for (auto& row : mean)
    for (double& value : row) value /= heads;
  return mean;
}

}  // namespace heddle::inspect
