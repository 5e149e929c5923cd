#include "heddle/text/inspection/comparison.h"

#include <algorithm>
#include <unordered_set>

#include "heddle/text/inspection/unknown_token.h"
#include "heddle/text/utf8.h"

namespace heddle::text {
namespace {

constexpr size_t kComparisonBlockBytes = size_t{1} << 20;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

using Texts = std::unordered_set<std::string>;

// The text that a token stands for; empty if it is none by itself.
std::string text_of(const Tokenizer& tokenizer, const std::string& token) {
  std::string text = token;
  if (tokenizer.parts().decoder) {
    text.clear();
    for (const std::string& part : tokenizer.parts().decoder->decode({token})) text += part;
  }
  if (text.starts_with("##") && text.size() > 2) text.erase(0, 2);
  const size_t begin = std::min(text.find_first_not_of(' '), text.size());
  text = text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
  return text.find(kReplacement) == std::string::npos ? text : "";
}

std::pair<Texts, Texts> written_and_texts(const Tokenizer& tokenizer) {
  Texts written, texts;
  const Vocabulary& vocabulary = tokenizer.parts().model->vocabulary();
  for (int32_t id = 0; id < tokenizer.vocab_size(); ++id) {
    if (!vocabulary.has(id)) continue;
    const std::string token(vocabulary.token(id));
    if (std::string text = text_of(tokenizer, token); !text.empty()) texts.insert(std::move(text));
    written.insert(token);
  }
  return {std::move(written), std::move(texts)};
}

int64_t count_shared(const Texts& a, const Texts& b) {
  return std::ranges::count_if(a, [&](const std::string& text) { return b.contains(text); });
}

std::vector<std::string> copies(const std::vector<std::string_view>& views) { return {views.begin(), views.end()}; }

}  // namespace

VocabularyOverlap overlap_of(const Tokenizer& a, const Tokenizer& b) {
  const auto [written_a, texts_a] = written_and_texts(a);
  const auto [written_b, texts_b] = written_and_texts(b);
  return {.written = {std::ssize(written_a), std::ssize(written_b)},
          .texts = {std::ssize(texts_a), std::ssize(texts_b)},
          .shared_written = count_shared(written_a, written_b),
          .shared_texts = count_shared(texts_a, texts_b)};
}

TokenizerComparer::TokenizerComparer(const Tokenizer& a, const Tokenizer& b, size_t examples)
    : both_{&a, &b}, unknown_ids_{unknown_id(*a.parts().model), unknown_id(*b.parts().model)}, examples_(examples) {}

void TokenizerComparer::add(std::string_view text) {
  block_.push_back(is_valid_utf8(text) ? std::string(text) : repair_utf8(text));
  block_bytes_ += text.size();
  if (block_bytes_ >= kComparisonBlockBytes) compare_block();
}

void TokenizerComparer::compare_block() {
  const std::array cuts = {cut_texts(*both_[0], block_), cut_texts(*both_[1], block_)};
  for (size_t i = 0; i < block_.size(); ++i) {
    comparison_.bytes += std::ssize(block_[i]);
    comparison_.characters += static_cast<int64_t>(count_code_points(block_[i]));
    for (size_t which : {0, 1}) {
      comparison_.tokens[which] += std::ssize(cuts[which][i].ids);
      comparison_.unknown[which] += std::ranges::count(cuts[which][i].ids, unknown_ids_[which]);
    }
    compare_words(cuts[0][i], cuts[1][i]);
  }
  block_.clear();
  block_bytes_ = 0;
}

void TokenizerComparer::compare_words(const CutText& a, const CutText& b) {
  for (size_t i = 0; i < a.words.size(); ++i) {
    const bool differs = a.inner_cuts(i) != b.inner_cuts(i);
    ++comparison_.words;
    comparison_.words_cut_differently += differs;
    auto found = words_.find(a.word(i));
    if (found == words_.end()) {
      if (words_.size() >= kMostWords) continue;
      found = words_.emplace(a.word(i), Word{}).first;
      ++comparison_.distinct_words;
      comparison_.distinct_cut_differently += differs;
    }
    Word& word = found->second;
    ++word.count;
    if (differs && !word.differs) word.pieces = {copies(a.pieces(i)), copies(b.pieces(i))};
    word.differs |= differs;
  }
}

LanguageComparison TokenizerComparer::take(const std::string& name) {
  compare_block();
  comparison_.name = name;
  using Entry = std::pair<const std::string, Word>;
  std::vector<const Entry*> entries;
  for (const Entry& entry : words_)
    if (entry.second.differs) entries.push_back(&entry);
  const auto count = static_cast<std::ptrdiff_t>(std::min(examples_, entries.size()));
  std::partial_sort(entries.begin(), entries.begin() + count, entries.end(), [](const Entry* x, const Entry* y) {
    return x->second.count != y->second.count ? x->second.count > y->second.count : x->first < y->first;
  });
  for (auto entry = entries.begin(); entry != entries.begin() + count; ++entry)
    comparison_.examples.push_back({(*entry)->second.pieces, (*entry)->second.count});
  LanguageComparison taken = std::move(comparison_);
  comparison_ = {};
  words_.clear();
  return taken;
}

}  // namespace heddle::text
