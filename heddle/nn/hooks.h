#pragma once
// A probe made of functions: what is to happen at which named point, for reading, patching and
// knocking out.
//
//   nn::Hooks hooks;
//   hooks.at("encoder.layers.0.self_attention.output", nn::Hooks::zeros);
//   hooks.weights("decoder.layers.1.cross_attention", [&](const nn::AttentionMap& map) { … });

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "heddle/nn/probe.h"

namespace heddle::nn {

// Scores or weights of one head over one sequence; `values` [rows, columns] may be changed.
struct AttentionMap {
  int64_t sequence = 0;
  int head = 0;
  int64_t rows = 0, columns = 0;
  std::span<double> values;

  double& at(int64_t row, int64_t column) const { return values[static_cast<size_t>(row * columns + column)]; }
};

class Hooks : public Probe {
 public:
  using OnValue = std::function<Tensor(const Tensor& value, const Rows& rows)>;
  using OnMap = std::function<void(const AttentionMap& map)>;

  Hooks();
  Hooks(Hooks&&) noexcept;
  Hooks& operator=(Hooks&&) noexcept;
  ~Hooks() override;

  // Each point has one function; a new one replaces it.
  void at(const std::string& point, OnValue function) { points_[point] = std::move(function); }
  void scores(const std::string& attention,
              OnMap function);                                 // before the softmax; -infinity where masked
  void weights(const std::string& attention, OnMap function);  // after it

  // For at(): zeros in place of the value; a heap copy of the value put into `to`; the given value
  // in its place.
  static Tensor zeros(const Tensor& value, const Rows& rows);
  static OnValue record(Tensor& to);
  static OnValue replace(Tensor by);

  Tensor at(std::string_view point, const Tensor& value, const Rows& rows) override;
  ops::AttentionProbe* attention(std::string_view name) override;

 private:
  class Attention;
  Attention& attention_hooks(const std::string& name);

  std::map<std::string, OnValue, std::less<>> points_;
  std::map<std::string, std::unique_ptr<Attention>, std::less<>> attentions_;
};

}  // namespace heddle::nn
