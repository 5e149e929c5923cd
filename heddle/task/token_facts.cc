#include "heddle/task/token_facts.h"

#include "heddle/base/error.h"
#include "heddle/base/log.h"
#include "heddle/text/word_vectors/initial_embeddings.h"
#include "heddle/text/word_vectors/vector_file.h"

namespace heddle::task {
namespace {

std::vector<std::string> words_of(const text::Tokenizer& tokenizer) {
  std::vector<std::string> words;
  for (int32_t id = 0; id < tokenizer.vocab_size(); ++id) {
    std::string word = tokenizer.decode({&id, 1}, false);
    const size_t first = word.find_first_not_of(" \t\r\n"), last = word.find_last_not_of(" \t\r\n");
    words.push_back(first == std::string::npos ? "" : word.substr(first, last - first + 1));
  }
  return words;
}

std::vector<float> vectors_of(const text::Tokenizer& tokenizer, const std::string& file, int64_t width, uint64_t seed) {
  const text::WordVectors vectors = text::read_word_vectors(file);
  if (vectors.width() != width)
    fail_input(
        "model.embedding.file = \"{}\" holds vectors of {} numbers, and {} are asked for; set model.embedding.rank = "
        "{}",
        file, vectors.width(), width, vectors.width());
  text::InitialEmbeddings found = text::initial_embeddings(vectors, words_of(tokenizer), seed);
  log_info("{}: {} of {} tokens have a vector, the others are drawn", file, found.found, tokenizer.vocab_size());
  return std::move(found.table);
}

}  // namespace

std::vector<std::string> token_texts(const text::Tokenizer& tokenizer) {
  std::vector<std::string> texts;
  for (int32_t id = 0; id < tokenizer.vocab_size(); ++id) texts.push_back(tokenizer.token_of(id));
  return texts;
}

nn::TokenFacts token_facts(const text::Tokenizer& tokenizer, uint64_t seed) {
  nn::TokenFacts facts = {.texts = token_texts(tokenizer)};
  facts.vectors = [&tokenizer, seed](const std::string& file, int64_t width) {
    return vectors_of(tokenizer, file, width, seed);
  };
  return facts;
}

}  // namespace heddle::task
