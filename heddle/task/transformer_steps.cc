#include "heddle/task/transformer_steps.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "heddle/model/early_exit.h"
#include "heddle/ops/dispatch.h"
#include "heddle/task/step_rows.h"

namespace heddle::task {
namespace {

// Whether the most probable token of row k has at least this probability.
bool is_sure(const Tensor& log_probabilities, int64_t k, double threshold) {
  return ops::with_real_type(log_probabilities.dtype(), [&]<class T>(T) {
    const T* first = log_probabilities.data<T>() + k * log_probabilities.width();
    return static_cast<double>(*std::max_element(first, first + log_probabilities.width())) >= std::log(threshold);
  });
}

}  // namespace

TransformerSteps::TransformerSteps(const model::EncoderDecoder& model, const nn::Pass& pass,
                                   const std::vector<std::vector<int32_t>>& sources, std::span<const int32_t> domains)
    : model_(model),
      pass_(pass),
      cache_(model.decoder_layers().size()),
      past_states_(cache_.size()),
      states_(cache_.size()) {
  for (const nn::DecoderLayer& layer : model.decoder_layers()) keeps_keys_ |= layer.cache_width() > 0;
  model::require_causal_decoder(model.config());
  start(sources, domains);
}

int32_t TransformerSteps::vocab_size() const { return static_cast<int32_t>(model_.config().vocab_size); }

int64_t TransformerSteps::source_length(int64_t sequence) const {
  const auto s = static_cast<size_t>(sequence);
  return source_offsets_[s + 1] - source_offsets_[s];
}

bool TransformerSteps::keep_attention() {
  if (!model_.has_encoder() || exit_threshold_ > 0) return false;  // not every token reaches the last layer
  if (model_.config().cross_place == "merged") return false;       // its weights are of both sequences
  if (!reader_) pass_.probe = &reader_.emplace(model_.config(), pass_.probe);
  return true;
}

void TransformerSteps::begin_again() {
  position_ = 0;
  std::vector<kernels::Mask> masks;
  for (const nn::DecoderLayer& layer : model_.decoder_layers())
    if (layer.cache_width() > 0) std::ranges::move(layer.masks(pass_), std::back_inserter(masks));
  past_.start(std::move(masks));
}

void TransformerSteps::start(const std::vector<std::vector<int32_t>>& sources, std::span<const int32_t> domains) {
  HEDDLE_CHECK(domains.empty() || domains.size() == sources.size(), "{} domains of {} sources", domains.size(),
               sources.size());
  begin_again();
  memory_.clear();
  memory_arena_.reset();
  source_offsets_.assign(1, 0);
  source_positions_.clear();
  source_examples_.clear();
  domains_.assign(sources.size(), kNoDomain);
  std::ranges::copy(domains, domains_.begin());
  std::vector<int32_t> ids, domain_of_ids;
  for (const auto& source : sources) {
    for (size_t i = 0; i < source.size(); ++i) {
      ids.push_back(source[i]);
      source_positions_.push_back(static_cast<int32_t>(i));
      source_examples_.push_back(std::ssize(source_offsets_) - 1);
    }
    domain_of_ids.resize(ids.size(), domains_[source_offsets_.size() - 1]);
    source_offsets_.push_back(static_cast<int32_t>(ids.size()));
  }
  if (!model_.has_encoder() || sources.empty()) return;
  const Rows rows = {
      .offsets = source_offsets_, .example = source_examples_, .position = source_positions_, .domain = domain_of_ids};
  const ops::Workspace memory(memory_arena_);
  const Tensor states = model_.encode(pass_, {ids, rows});
  for (const nn::DecoderLayer& layer : model_.decoder_layers())
    memory_.push_back(layer.project_memory(pass_, states, rows));
}

void TransformerSteps::reserve_cache() {
  if (past_.capacity() <= capacity_) return;
  for (size_t i = 0; i < cache_.size(); ++i) {
    if (model_.decoder_layers()[i].cache_width() == 0) continue;
    Tensor grown = Tensor::in_arena(cache_arena_, {past_.capacity(), model_.decoder_layers()[i].cache_width()},
                                    pass_.weights.dtype());
    if (capacity_ > 0) std::memcpy(grown.raw(), cache_[i].raw(), static_cast<size_t>(cache_[i].bytes()));
    cache_[i] = grown;
  }
  capacity_ = past_.capacity();
}

// States are made afresh in every step, from those of the step before: two of each.
void TransformerSteps::reserve_states(int64_t rows) {
  if (rows <= state_capacity_) return;
  const int64_t capacity = std::max(rows, 2 * state_capacity_);
  for (size_t i = 0; i < states_.size(); ++i) {
    const int64_t width = model_.decoder_layers()[i].state_width();
    if (width == 0) continue;
    for (Tensor* states : {&past_states_[i], &states_[i]}) {
      Tensor grown = Tensor::in_arena(cache_arena_, {capacity, width}, pass_.weights.dtype());
      if (states->defined()) std::memcpy(grown.raw(), states->raw(), static_cast<size_t>(states->bytes()));
      *states = grown;
    }
  }
  state_capacity_ = capacity;
}

int64_t TransformerSteps::past_bytes() const {
  int64_t bytes = past_.bytes();
  for (const auto* tensors : {&cache_, &past_states_, &states_})
    for (const Tensor& tensor : *tensors) bytes += tensor.defined() ? tensor.bytes() : 0;
  return bytes;
}

nn::LayerCache TransformerSteps::layer_cache(size_t layer) const {
  return {.self_rows = cache_[layer],
          .past_states = past_states_[layer],
          .states = states_[layer],
          .parents = parents_,
          .memory = memory_.empty() ? nullptr : &memory_[layer]};
}

ops::CachedKeys TransformerSteps::cached_keys(size_t layer, std::span<const int32_t> begin,
                                              std::span<const int32_t> lengths) const {
  return {.rows = cache_[layer], .table = past_.table(), .table_begin = begin, .length = lengths, .runs = past_.runs()};
}

void TransformerSteps::exit_above(double threshold) {
  model::check_can_exit(model_.config(), threshold);
  exit_threshold_ = threshold;
}

Tensor TransformerSteps::scores_of_all_layers(const Tensor& embedded, const Rows& rows) {
  const Rows memory_rows = {source_offsets_, source_examples_, source_positions_};
  Tensor x = embedded;
  for (size_t i = 0; i < cache_.size(); ++i) {
    x = model_.decoder_layers()[i].decode_step(pass_, x, rows, layer_cache(i), past_.new_rows(),
                                               cached_keys(i, past_.table_begin(), past_.lengths()), memory_rows,
                                               sequence_);
  }
  mean_layers_ = static_cast<double>(cache_.size());
  return model_.log_probabilities(pass_, model_.final_norm(pass_, x, rows, model::Stack::decoder), rows);
}

Tensor TransformerSteps::scores_of_exits(const Tensor& embedded) {
  const Rows memory_rows = {source_offsets_, source_examples_, source_positions_};
  const auto kept = static_cast<int32_t>(past_.kept());
  StepRows going(position_, kept), gone(position_, kept);
  for (size_t r = 0; r < tokens_.size(); ++r)
    going.add(embedded, static_cast<int64_t>(r), static_cast<int32_t>(r), sequence_[r], past_.table_begin()[r],
              past_.new_rows()[r]);
  Tensor scores;
  double layers = 0;
  for (size_t i = 0; i < cache_.size(); ++i) {
    const nn::DecoderLayer& layer = model_.decoder_layers()[i];
    if (gone.count() > 0) layer.remember_step(pass_, gone.states(), gone.rows(), layer_cache(i), gone.new_rows());
    if (going.count() == 0) continue;
    layers += static_cast<double>(going.count());
    const ops::CachedKeys keys = cached_keys(i, going.table_begin(), going.lengths());
    const Tensor x = layer.decode_step(pass_, going.states(), going.rows(), layer_cache(i), going.new_rows(), keys,
                                       memory_rows, going.sequences());
    const bool last = i + 1 == cache_.size();
    Tensor found;
    if (last || model_.exits_after(static_cast<int64_t>(i))) {
      const Tensor states = model_.final_norm(pass_, x, going.rows(), model::Stack::decoder);
      found = model_.log_probabilities(pass_, states, going.rows());
      if (!scores.defined()) scores = ops::new_tensor({embedded.rows(), found.width()}, found.dtype());
    }
    StepRows on(position_, kept);
    for (int64_t k = 0; k < going.count(); ++k) {
      const bool exits = last || (found.defined() && is_sure(found, k, exit_threshold_));
      if (exits) copy_into(found.row_range(k, k + 1), scores.row_range(going.row(k), going.row(k) + 1));
      (exits ? gone : on).add_from(going, k, x);
    }
    going = std::move(on);
  }
  mean_layers_ = layers / static_cast<double>(std::max<size_t>(1, tokens_.size()));
  return scores;
}

std::span<float> TransformerSteps::step(std::span<const Row> rows) {
  if (!rows.empty() && rows.front().parent < 0) {  // afresh: another search over the same sources
    begin_again();
  }
  if (keeps_keys_) {
    past_.step(rows);
    reserve_cache();
  }
  reserve_states(std::ssize(rows));
  past_states_.swap(states_);
  parents_.clear();
  tokens_.clear();
  sequence_.clear();
  step_domains_.clear();
  examples_.clear();
  offsets_.assign(1, 0);
  for (const Row& row : rows) {
    tokens_.push_back(row.token);
    parents_.push_back(row.parent);
    sequence_.push_back(row.sequence);
    step_domains_.push_back(domains_[static_cast<size_t>(row.sequence)]);
    examples_.push_back(row.sequence);
    offsets_.push_back(static_cast<int32_t>(tokens_.size()));
  }
  positions_.assign(rows.size(), position_);
  const Rows step_rows = {.offsets = offsets_, .example = examples_, .position = positions_, .domain = step_domains_};
  log_probabilities_ = {};
  step_arena_.reset();
  const ops::Workspace workspace(step_arena_);
  const Tensor embedded = model_.enter_layers(model_.target_embedding().forward(pass_, tokens_, step_rows), step_rows,
                                              model::Stack::decoder);
  log_probabilities_ =
      exit_threshold_ > 0 && !rows.empty() ? scores_of_exits(embedded) : scores_of_all_layers(embedded, step_rows);
  if (log_probabilities_.dtype() != DType::f32) {
    const Tensor wide = log_probabilities_;
    log_probabilities_ = ops::new_tensor(wide.shape(), DType::f32);
    copy_into(wide, log_probabilities_);
  }
  ++position_;
  return log_probabilities_.span<float>();
}

}  // namespace heddle::task
