#include "heddle/task/cross_attention_reader.h"

namespace heddle::task {

// The mean over heads, sequence after sequence. Attention calls a probe for one head of one sequence at a time.
class CrossAttentionReader::Mean {
 public:
  explicit Mean(int heads) : heads_(heads), probe_(Scores{this}, Weights{this}) {}
  Mean(const Mean&) = delete;
  Mean& operator=(const Mean&) = delete;

  // A new pass: what is read next replaces what was read before; `next` sees it first.
  ops::AttentionProbe* begin(ops::AttentionProbe* next) {
    next_ = next;
    for (Map& map : maps_) map.values.clear();
    return &probe_;
  }
  std::span<const float> row(int64_t sequence, int64_t row) const {
    const Map& map = maps_.at(static_cast<size_t>(sequence));
    return std::span(map.values).subspan(static_cast<size_t>(row * map.columns), static_cast<size_t>(map.columns));
  }

 private:
  struct Map {
    int64_t columns = 0;
    std::vector<float> values;
  };
  struct Scores {
    Mean* mean;
    template <class T>
    void operator()(int64_t sequence, int head, int64_t rows, int64_t columns, T* values) const {
      if (auto* next = ops::probe_for<T>(mean->next_)) next->scores(sequence, head, rows, columns, values);
    }
  };
  struct Weights {
    Mean* mean;
    template <class T>
    void operator()(int64_t sequence, int head, int64_t rows, int64_t columns, T* values) const {
      if (auto* next = ops::probe_for<T>(mean->next_)) next->weights(sequence, head, rows, columns, values);
      mean->add(sequence, columns, std::span<const T>(values, static_cast<size_t>(rows * columns)));
    }
  };

  template <class T>
  void add(int64_t sequence, int64_t columns, std::span<const T> values) {
    if (std::ssize(maps_) <= sequence) maps_.resize(static_cast<size_t>(sequence) + 1);
    Map& map = maps_[static_cast<size_t>(sequence)];
    map.columns = columns;
    map.values.resize(values.size());
    for (size_t i = 0; i < values.size(); ++i)
      map.values[i] += static_cast<float>(values[i]) / static_cast<float>(heads_);
  }

  int heads_;
  ops::AttentionProbe* next_ = nullptr;
  std::vector<Map> maps_;
  ops::AttentionProbeOf<Scores, Weights> probe_;
};

CrossAttentionReader::CrossAttentionReader(const model::ModelConfig& config, nn::Probe* next)
    : name_(fmt::format("decoder.layers.{}.cross_attention", config.decoder_layers - 1)), next_(next) {
  const auto layer = model::resolve_layer(config, model::Stack::decoder, config.decoder_layers - 1);
  mean_ = std::make_unique<Mean>(layer.cross_attention.heads);
}

CrossAttentionReader::~CrossAttentionReader() = default;

std::span<const float> CrossAttentionReader::row(int64_t sequence, int64_t row) const {
  return mean_->row(sequence, row);
}

Tensor CrossAttentionReader::at(std::string_view point, const Tensor& value, const Rows& rows) {
  return next_ ? next_->at(point, value, rows) : value;
}

ops::AttentionProbe* CrossAttentionReader::attention(std::string_view name) {
  ops::AttentionProbe* next = next_ ? next_->attention(name) : nullptr;
  if (name != name_) return next;
  return mean_->begin(next);
}

}  // namespace heddle::task
