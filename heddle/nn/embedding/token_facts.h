#pragma once
// What a source may ask about the tokens when a model is new. It writes the answers into weights of its own, so that a
// stored model asks nobody.

#include <functional>
#include <string>
#include <vector>

namespace heddle::nn {

struct TokenFacts {
  std::vector<std::string> texts = {};  // of each token, bytes of UTF-8
  // The vectors of a file of word vectors, [tokens, width] row after row. Throws InputError for a file of another
  // width, and for one that knows none of the tokens.
  std::function<std::vector<float>(const std::string& file, int64_t width)> vectors = {};
};

}  // namespace heddle::nn
