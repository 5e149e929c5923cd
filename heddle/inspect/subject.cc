#include "heddle/inspect/subject.h"

#include <algorithm>

#include "heddle/ops/workspace.h"
#include "heddle/text/byte_level.h"
#include "heddle/text/utf8.h"

namespace heddle::inspect {
namespace {

constexpr int64_t kBatchTokens = 2048;

}  // namespace

int64_t Examples::asked() const {
  int64_t count = 0;
  for (const auto& ids : target) count += std::ssize(ids);
  for (const int64_t first : asked_from) count -= first;
  return count;
}

data::TranslationBatch Examples::batch(int64_t i, int64_t tokens, int64_t& end) const {
  data::TranslationBatch batch;
  for (end = i; end < size(); ++end) {
    const auto at = static_cast<size_t>(end);
    const int64_t more = std::ssize(source[at]) + std::ssize(target[at]);
    if (end > i && batch.source.tokens() + batch.target_in.tokens() + more > tokens) break;
    const int32_t of_domain = domain.empty() ? kNoDomain : domain[at];
    batch.source.add(end, source[at], of_domain);
    batch.target_in.add_shifted(end, begin_id, target[at], of_domain);
    std::vector<int32_t> asked = target[at];
    if (!asked_from.empty()) std::fill_n(asked.begin(), asked_from[at], -1);
    batch.target_out.add(end, asked, of_domain);
  }
  return batch;
}

data::TranslationBatch Examples::one(int64_t i) const {
  int64_t end = 0;
  return batch(i, 0, end);
}

void for_each_batch(const Examples& examples, const std::function<void(const data::TranslationBatch&, int64_t)>& body) {
  for (int64_t i = 0, end = 0; i < examples.size(); i = end) {
    const data::TranslationBatch batch = examples.batch(i, kBatchTokens, end);
    body(batch, i);
  }
}

Tensor states_of(const Subject& subject, const nn::Pass& pass, const data::TranslationBatch& batch) {
  const Tensor memory =
      subject.model.has_encoder() ? subject.model.encode(pass, {batch.source.ids, batch.source.rows()}) : Tensor();
  return subject.model.decode(pass, {batch.target_in.ids, batch.target_in.rows()}, memory, batch.source.rows());
}

Losses run(const Subject& subject, const data::TranslationBatch& batch, nn::Probe* probe) {
  Arena arena;
  const ops::Workspace workspace(arena);
  const nn::Pass pass = subject.pass(probe);
  const Tensor states = states_of(subject, pass, batch);
  const ops::OutputLoss loss = subject.model.loss(pass, states, batch.target_out.ids, batch.target_in.rows(), {});
  return {loss.nll_sum, loss.tokens, loss.correct};
}

Losses run(const Subject& subject, const Examples& examples, nn::Probe* probe) {
  Losses sum;
  for_each_batch(examples, [&](const data::TranslationBatch& batch, int64_t) {
    const Losses part = run(subject, batch, probe);
    sum.nll += part.nll;
    sum.tokens += part.tokens;
    sum.correct += part.correct;
  });
  return sum;
}

std::vector<std::string> token_labels(const text::Tokenizer& tokenizer, std::span<const int32_t> ids) {
  std::vector<std::string> labels;
  for (const int32_t id : ids) {
    std::string& label = labels.emplace_back();
    for (const char c : text::repair_utf8(text::characters_to_bytes(tokenizer.token_of(id)))) {
      if (c == '\n') label += "⏎";
      else if (c == '\t') label += "⇥";
      else label += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    }
  }
  return labels;
}

}  // namespace heddle::inspect
