#include "heddle/text/decoders/word_pieces.h"

#include <algorithm>

#include "heddle/text/decoders/replace_all.h"

namespace heddle::text {

std::string clean_up_english(std::string_view text) {
  constexpr std::pair<const char*, const char*> kRules[] = {
      {" .", "."},   {" ?", "?"},           {" !", "!"},   {" ,", ","},     {" ' ", "'"},   {" n't", "n't"},
      {" 'm", "'m"}, {" do not", " don't"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};
  std::string result(text);
  for (const auto& [from, to] : kRules) result = replace_all(result, from, to);
  return result;
}

std::vector<std::string> WordPieceDecoder::decode(std::vector<std::string> tokens) const {
  for (size_t i = 0; i < tokens.size(); ++i) {
    std::string& token = tokens[i];
    if (i > 0) token = token.starts_with(prefix_) ? token.substr(prefix_.size()) : " " + token;
    if (cleanup_) token = clean_up_english(token);
  }
  return tokens;
}

void WordPieceDecoder::write(JsonWriter& json) const {
  json.member("type", "WordPiece");
  json.member("prefix", prefix_);
  json.member("cleanup", cleanup_);
}

std::vector<std::string> BpeDecoder::decode(std::vector<std::string> tokens) const {
  for (size_t i = 0; i < tokens.size(); ++i)
    tokens[i] = replace_all(tokens[i], suffix_, i + 1 == tokens.size() ? "" : " ");
  return tokens;
}

void BpeDecoder::write(JsonWriter& json) const {
  json.member("type", "BPEDecoder");
  json.member("suffix", suffix_);
}

std::vector<std::string> CtcDecoder::decode(std::vector<std::string> tokens) const {
  const auto repeated = std::ranges::unique(tokens);
  tokens.erase(repeated.begin(), repeated.end());
  for (std::string& token : tokens) {
    token = replace_all(token, pad_token_, "");
    if (cleanup_) token = replace_all(clean_up_english(token), word_delimiter_token_, " ");
  }
  std::erase(tokens, "");
  return tokens;
}

void CtcDecoder::write(JsonWriter& json) const {
  json.member("type", "CTC");
  json.member("pad_token", pad_token_);
  json.member("word_delimiter_token", word_delimiter_token_);
  json.member("cleanup", cleanup_);
}

}  // namespace heddle::text
