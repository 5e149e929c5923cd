#include "heddle/inspect/attribution.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "heddle/ops/dispatch.h"
#include "heddle/ops/tape.h"
#include "heddle/ops/workspace.h"

namespace heddle::inspect {
namespace {

std::vector<double> numbers_of(const Tensor& tensor) {
  std::vector<double> numbers(static_cast<size_t>(tensor.count()));
  copy_into(tensor, Tensor::borrow(numbers.data(), tensor.shape(), DType::f64));
  return numbers;
}

// The embedded rows of both sides, by the points that they pass.
struct Embedded {
  Tensor source, prefix;

  Tensor* of(std::string_view point) {
    if (point == "encoder.embedded") return &source;
    return point == "decoder.embedded" ? &prefix : nullptr;
  }
};

class EmbeddedReader : public nn::Probe {
 public:
  Tensor at(std::string_view point, const Tensor& value, const Rows&) override {
    if (Tensor* read = embedded.of(point)) *read = keep(value);
    return value;
  }
  Embedded embedded;
};

// Moves the embedded rows of copy k to baseline + shares[k]·(x - baseline), and makes them inputs of the tape.
class EmbeddedInputs : public nn::Probe {
 public:
  EmbeddedInputs(const Embedded& baseline, std::vector<double> shares)
      : baseline_(baseline), shares_(std::move(shares)) {}

  Tensor at(std::string_view point, const Tensor& value, const Rows& rows) override {
    Tensor* input = inputs.of(point);
    if (!input) return value;
    const Tensor moved = keep(value), from = *baseline_.of(point);
    ops::with_real_type(value.dtype(), [&]<class T>(T) {
      for (size_t k = 0; k < shares_.size(); ++k) {
        const std::span<T> copy = moved.row_range(rows.offsets[k], rows.offsets[k + 1]).template span<T>();
        for (size_t i = 0; i < copy.size(); ++i) {
          const T base = from.span<T>()[i];
          copy[i] = static_cast<T>(static_cast<double>(base) + shares_[k] * static_cast<double>(copy[i] - base));
        }
      }
    });
    return *input = ops::Tape::current() ? ops::Tape::current()->watch(moved) : moved;
  }
  Embedded inputs;  // [copies·tokens, width]

 private:
  Embedded baseline_;
  std::vector<double> shares_;
};

class InputGradients : public ops::GradientSink {
 public:
  explicit InputGradients(const Embedded& inputs) {
    for (const Tensor& input : {inputs.source, inputs.prefix})
      if (input.defined()) gradients_.emplace_back(input.node(), Tensor::zeros(input.shape(), input.dtype()));
  }
  bool wants(const ops::Tape&, NodeId node) const override {
    return std::ranges::count(gradients_, node, &std::pair<NodeId, Tensor>::first) > 0;
  }
  Tensor slot(const ops::Tape&, NodeId node, int) override { return of(node); }
  Tensor of(NodeId node) const {
    return std::ranges::find(gradients_, node, &std::pair<NodeId, Tensor>::first)->second;
  }

 private:
  std::vector<std::pair<NodeId, Tensor>> gradients_;
};

data::PackedSequences copies_of(const data::PackedSequences& sequences, size_t copies) {
  data::PackedSequences packed;
  for (size_t k = 0; k < copies; ++k) packed.add(static_cast<int64_t>(k), sequences.sequence(0));
  return packed;
}

data::TranslationBatch copies_of(const data::TranslationBatch& example, size_t copies) {
  data::TranslationBatch batch;
  if (example.source.sequences() > 0) batch.source = copies_of(example.source, copies);
  batch.target_in = copies_of(example.target_in, copies);
  batch.target_out = copies_of(example.target_out, copies);
  return batch;
}

// Attributions of one output token from the gradients of all copies; the last copy is the example itself.
std::vector<double> over_tokens(const Tensor& input, const Tensor& baseline, const Tensor& gradient, size_t copies,
                                Attribution method) {
  const std::vector<double> x = numbers_of(input), b = numbers_of(baseline), g = numbers_of(gradient);
  const auto width = static_cast<size_t>(input.width()), tokens = x.size() / width / copies, last = x.size() - b.size();
  std::vector<double> result(tokens);
  for (size_t j = 0; j < tokens; ++j) {
    for (size_t at = j * width; at < (j + 1) * width; ++at) {
      double slope = 0;
      for (size_t k = 0; k < copies; ++k) slope += g[k * tokens * width + at];
      switch (method) {
        case Attribution::influence: result[j] += slope * slope; break;
        case Attribution::gradient_input: result[j] += slope * x[last + at]; break;
        case Attribution::integrated_gradients: result[j] += slope * (x[last + at] - b[at]); break;
      }
    }
    if (method == Attribution::influence) result[j] = std::sqrt(result[j]);
  }
  return result;
}

// The embedded rows of the example with `neutral` in place of every token.
Embedded baseline_of(const Subject& subject, data::TranslationBatch example, int32_t neutral) {
  std::ranges::fill(example.source.ids, neutral);
  std::ranges::fill(example.target_in.ids, neutral);
  EmbeddedReader reader;
  run(subject, example, &reader);
  return reader.embedded;
}

// Log-probabilities of the output tokens of every copy, and on the tape all that they follow from.
Tensor log_probabilities(const Subject& subject, const data::TranslationBatch& batch, EmbeddedInputs& inputs) {
  const nn::Pass pass = subject.pass(&inputs);
  const Tensor states = states_of(subject, pass, batch);
  return subject.model.log_probabilities(pass, states, batch.target_in.rows());
}

std::vector<double> chosen(const Tensor& log_probabilities, std::span<const int32_t> ids) {
  std::vector<double> values;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] < 0) continue;  // nobody asks for it
    const auto row = static_cast<int64_t>(i);
    values.push_back(numbers_of(log_probabilities.row_range(row, row + 1))[static_cast<size_t>(ids[i])]);
  }
  return values;
}

std::vector<double> values_at(const Subject& subject, const data::TranslationBatch& example, const Embedded& baseline,
                              double share) {
  Arena arena;
  const ops::Workspace workspace(arena);
  EmbeddedInputs inputs(baseline, {share});
  return chosen(log_probabilities(subject, example, inputs), example.target_out.sequence(0));
}

}  // namespace

Attributions attribute(const Subject& subject, const data::TranslationBatch& example, Attribution method,
                       int32_t neutral, int steps) {
  HEDDLE_CHECK(example.target_out.sequences() == 1, "one example at a time is attributed, not {}",
               example.target_out.sequences());
  HEDDLE_CHECK(steps >= 1, "an integral needs at least one step, not {}", steps);
  // Integrated gradients: a copy for each middle of a step, and one of share 1 that is only read.
  std::vector<double> shares;
  for (int k = 0; k < steps && method == Attribution::integrated_gradients; ++k) shares.push_back((k + 0.5) / steps);
  const size_t weighted = shares.empty() ? 1 : shares.size();
  shares.push_back(1);
  const data::TranslationBatch batch = copies_of(example, shares.size());

  Attributions result;
  const Embedded baseline = baseline_of(subject, example, neutral);
  result.value = values_at(subject, example, baseline, 1);
  result.baseline = values_at(subject, example, baseline, 0);
  Arena arena;
  ops::Tape tape(arena);
  EmbeddedInputs watched(baseline, shares);
  const Embedded& inputs = watched.inputs;
  const Tensor outputs = log_probabilities(subject, batch, watched);
  const std::span<const int32_t> ids = example.target_out.sequence(0);
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] < 0) continue;
    const Tensor seed_value = Tensor::zeros(outputs.shape(), outputs.dtype());
    ops::with_real_type(outputs.dtype(), [&]<class T>(T) {
      for (size_t k = 0; k < weighted; ++k)
        seed_value
            .span<T>()[(k * ids.size() + i) * static_cast<size_t>(outputs.width()) + static_cast<size_t>(ids[i])] =
            static_cast<T>(1.0 / static_cast<double>(weighted));
    });
    InputGradients sink(inputs);
    const ops::Seed seed{outputs, seed_value};
    tape.backward({&seed, 1}, sink, i + 1 < ids.size() ? ops::Retain::yes : ops::Retain::no);
    const auto tokens = [&](const Tensor& input, const Tensor& from) {
      return over_tokens(input, from, sink.of(input.node()), shares.size(), method);
    };
    if (inputs.source.defined()) result.source.push_back(tokens(inputs.source, baseline.source));
    result.prefix.push_back(tokens(inputs.prefix, baseline.prefix));
  }
  return result;
}

double rank_correlation(const std::vector<double>& a, const std::vector<double>& b) {
  HEDDLE_CHECK(a.size() == b.size(), "{} numbers cannot be compared with {}", a.size(), b.size());
  const auto ranks = [](const std::vector<double>& values) {
    std::vector<size_t> order(values.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::ranges::stable_sort(order, {}, [&](size_t i) { return values[i]; });
    std::vector<double> rank(values.size());
    for (size_t i = 0; i < order.size();) {  // equal values share the mean of their ranks
      size_t end = i + 1;
      while (end < order.size() && values[order[end]] == values[order[i]]) ++end;
      for (size_t j = i; j < end; ++j) rank[order[j]] = static_cast<double>(i + end - 1) / 2;
      i = end;
    }
    return rank;
  };
  const std::vector<double> x = ranks(a), y = ranks(b);
  const double mean = (static_cast<double>(a.size()) - 1) / 2;
  double xy = 0, xx = 0, yy = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - mean) * (y[i] - mean);
    xx += (x[i] - mean) * (x[i] - mean);
    yy += (y[i] - mean) * (y[i] - mean);
  }
  return xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : 0;
}

}  // namespace heddle::inspect
