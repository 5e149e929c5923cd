#include "heddle/nn/hooks.h"

#include <cstring>
#include <vector>

#include "heddle/ops/workspace.h"

namespace heddle::nn {

// Shows the numbers of either precision as double, and takes them back.
class Hooks::Attention {
 public:
  Attention() : probe_(Call{&on_scores}, Call{&on_weights}) {}
  Attention(const Attention&) = delete;
  Attention& operator=(const Attention&) = delete;

  ops::AttentionProbe* probe() { return &probe_; }
  OnMap on_scores, on_weights;

 private:
  struct Call {
    const OnMap* function;
    template <class T>
    void operator()(int64_t sequence, int head, int64_t rows, int64_t columns, T* values) const {
      if (!*function) return;
      std::vector<double> copy(values, values + rows * columns);
      (*function)({sequence, head, rows, columns, copy});
      for (size_t i = 0; i < copy.size(); ++i) values[i] = static_cast<T>(copy[i]);
    }
  };
  ops::AttentionProbeOf<Call, Call> probe_;
};

Hooks::Hooks() = default;
Hooks::Hooks(Hooks&&) noexcept = default;
Hooks& Hooks::operator=(Hooks&&) noexcept = default;
Hooks::~Hooks() = default;

Hooks::Attention& Hooks::attention_hooks(const std::string& name) {
  std::unique_ptr<Attention>& hooks = attentions_[name];
  if (!hooks) hooks = std::make_unique<Attention>();
  return *hooks;
}

void Hooks::scores(const std::string& attention, OnMap function) {
  attention_hooks(attention).on_scores = std::move(function);
}

void Hooks::weights(const std::string& attention, OnMap function) {
  attention_hooks(attention).on_weights = std::move(function);
}

Tensor Hooks::zeros(const Tensor& value, const Rows&) { return ops::new_zeros(value.shape(), value.dtype()); }

Hooks::OnValue Hooks::record(Tensor& to) {
  return [&to](const Tensor& value, const Rows&) {
    to = keep(value);
    return value;
  };
}

Hooks::OnValue Hooks::replace(Tensor by) {
  return [by = std::move(by)](const Tensor& value, const Rows&) {
    HEDDLE_CHECK(by.shape() == value.shape() && by.dtype() == value.dtype(),
                 "a value of shape {} cannot take the place of one of shape {}", by.shape().text(),
                 value.shape().text());
    return by;
  };
}

Tensor Hooks::at(std::string_view point, const Tensor& value, const Rows& rows) {
  const auto found = points_.find(point);
  return found == points_.end() ? value : found->second(value, rows);
}

ops::AttentionProbe* Hooks::attention(std::string_view name) {
  const auto found = attentions_.find(name);
  return found == attentions_.end() ? nullptr : found->second->probe();
}

}  // namespace heddle::nn
