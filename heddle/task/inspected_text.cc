#include "heddle/task/inspected_text.h"

#include <algorithm>

#include "heddle/task/language_model.h"

namespace heddle::task {
namespace {

int64_t add_cut(QuestionTokens tokens, int32_t domain, int64_t longest, inspect::Examples& examples) {
  const int64_t count = std::ssize(tokens.ids);
  tokens.ids.resize(static_cast<size_t>(std::min(count, longest)));
  if (tokens.asked_from >= std::ssize(tokens.ids)) return count;
  examples.source.emplace_back();
  examples.target.push_back(std::move(tokens.ids));
  examples.asked_from.push_back(tokens.asked_from);
  examples.domain.push_back(domain);
  return count;
}

}  // namespace

int64_t add_text(const data::TextPair& text, const text::Tokenizer& tokenizer, int64_t longest,
                 inspect::Examples& examples) {
  return add_cut({tokenizer.encode(text.source, false), 0}, text.domain, longest, examples);
}

int64_t add_question(const data::TextPair& pair, const text::Tokenizer& tokenizer, int64_t longest,
                     inspect::Examples& examples) {
  return add_cut(question_tokens(pair, tokenizer), pair.domain, longest, examples);
}

}  // namespace heddle::task
