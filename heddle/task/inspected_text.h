#pragma once
// What a language model reads, as examples to look into it (heddle/inspect/): a text, or a question and its answer.

#include "heddle/data/language_set.h"
#include "heddle/data/parallel_text.h"
#include "heddle/inspect/subject.h"
#include "heddle/text/tokenizer.h"

namespace heddle::task {

// Of a text the source alone is read. Both return how many tokens it had; those beyond `longest` are cut off. What
// leaves nothing to be asked for is not added: an empty text, a question that fills all of `longest`.
int64_t add_text(const data::TextPair& text, const text::Tokenizer& tokenizer, int64_t longest,
                 inspect::Examples& examples);
int64_t add_question(const data::TextPair& pair, const text::Tokenizer& tokenizer, int64_t longest,
                     inspect::Examples& examples);

}  // namespace heddle::task
