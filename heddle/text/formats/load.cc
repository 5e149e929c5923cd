#include "heddle/text/formats/load.h"

#include "heddle/base/error.h"
#include "heddle/base/file.h"
#include "heddle/text/formats/sentencepiece.h"
#include "heddle/text/formats/tiktoken.h"
#include "heddle/text/formats/vocab_and_merges.h"
#include "heddle/text/formats/vocab_txt.h"

namespace heddle::text {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kLargestFile = int64_t{256} << 20;

// What a folder holds of these names, the first that is there.
constexpr std::array kFileNames = {"tokenizer.json", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model",
                                   "source.spm",     "vocab.json",      "vocab.txt"};

fs::path file_in(const fs::path& folder) {
  for (const char* name : kFileNames)
    if (fs::exists(folder / name)) return folder / name;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".tiktoken") return entry.path();
  std::string names;
  for (const char* name : kFileNames) names += std::string(name) + ", ";
  fail_input("{}: this folder holds no tokenizer; expected one of {}or a file *.tiktoken", folder.string(), names);
}

Tokenizer pair_beside(const fs::path& file) {
  const fs::path vocab = file.parent_path() / "vocab.json", merges = file.parent_path() / "merges.txt";
  for (const fs::path& needed : {vocab, merges})
    if (!fs::exists(needed))
      fail_input("{}: vocab.json and merges.txt belong together, and {} is not there", file.string(), needed.string());
  const std::string vocab_text = read_file(vocab, kLargestFile), merges_text = read_file(merges, kLargestFile);
  return tokenizer_of_vocab_and_merges({vocab_text, vocab.string()}, {merges_text, merges.string()});
}

}  // namespace

Tokenizer load_tokenizer(const fs::path& path, const LoadOptions& options) {
  if (fs::is_directory(path)) return load_tokenizer(file_in(path), options);
  if (path.filename() == "vocab.json" || path.filename() == "merges.txt") return pair_beside(path);
  const std::string content = read_file(path, kLargestFile), name = path.string();
  if (looks_like_sentencepiece(content))
    return options.portable ? portable_tokenizer_of_sentencepiece(content, name)
                            : tokenizer_of_sentencepiece(content, name);
  if (looks_like_tiktoken(content))
    return tokenizer_of_tiktoken(content, name, options.encoding.empty() ? path.stem().string() : options.encoding,
                                 options.special_tokens);
  // A BOM may lead either; what begins with a brace is JSON, however damaged.
  const size_t first = content.find_first_not_of("\xEF\xBB\xBF \t\r\n");
  const bool is_json = path.extension() == ".json" || first == std::string::npos || content[first] == '{';
  return is_json ? Tokenizer::from_json(content, name) : tokenizer_of_vocab_txt(content, name, options.lowercase);
}

Tokenizer Tokenizer::load(const fs::path& file) { return load_tokenizer(file); }

}  // namespace heddle::text
