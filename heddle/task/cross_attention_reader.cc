#include "heddle/task/cross_attention_reader.h"

namespace heddle::task {

// The mean over heads, sequence after sequence. Attention calls a probe for one head of one sequence at a time.
class CrossAttentionReader::Mean : public ops::AttentionProbe {
 public:
  explicit Mean(int heads) : f32_{*this}, f64_{*this}, heads_(heads) {}

  // A new pass: what is read next replaces what was read before; `next` sees it first.
  void begin(ops::AttentionProbe* next) {
    next_ = next;
    for (Map& map : maps_) map.values.clear();
  }
  std::span<const float> row(int64_t sequence, int64_t row) const {
    const Map& map = maps_.at(static_cast<size_t>(sequence));
    return std::span(map.values).subspan(static_cast<size_t>(row * map.columns), static_cast<size_t>(map.columns));
  }

  kernels::AttentionProbe<float>* f32() override { return &f32_; }
  kernels::AttentionProbe<double>* f64() override { return &f64_; }

 private:
  struct Map {
    int64_t columns = 0;
    std::vector<float> values;
  };

  template <class T>
  struct Typed : kernels::AttentionProbe<T> {
    explicit Typed(Mean& owner) : mean(owner) {}
    void scores(int64_t sequence, int head, int64_t rows, int64_t columns, T* values) override {
      if (auto* next = mean.next<T>()) next->scores(sequence, head, rows, columns, values);
    }
    void weights(int64_t sequence, int head, int64_t rows, int64_t columns, T* values) override {
      if (auto* next = mean.next<T>()) next->weights(sequence, head, rows, columns, values);
      mean.add(sequence, columns, std::span<const T>(values, static_cast<size_t>(rows * columns)));
    }
    Mean& mean;
  };

  template <class T>
  kernels::AttentionProbe<T>* next() const {
    if (!next_) return nullptr;
    if constexpr (std::is_same_v<T, float>) return next_->f32();
    else return next_->f64();
  }

  template <class T>
  void add(int64_t sequence, int64_t columns, std::span<const T> values) {
    if (std::ssize(maps_) <= sequence) maps_.resize(static_cast<size_t>(sequence) + 1);
    Map& map = maps_[static_cast<size_t>(sequence)];
    map.columns = columns;
    map.values.resize(values.size());
    for (size_t i = 0; i < values.size(); ++i)
      map.values[i] += static_cast<float>(values[i]) / static_cast<float>(heads_);
  }

  Typed<float> f32_;
  Typed<double> f64_;
  int heads_;
  ops::AttentionProbe* next_ = nullptr;
  std::vector<Map> maps_;
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
  mean_->begin(next);
  return mean_.get();
}

}  // namespace heddle::task
