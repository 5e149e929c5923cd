#include "heddle/task/recipe_text.h"

#include <algorithm>

#include "heddle/base/error.h"
#include "heddle/base/log.h"
#include "heddle/data/line_reader.h"
#include "heddle/task/domains.h"
#include "heddle/task/packed_documents.h"

namespace heddle::task {
namespace {

// The first of each, the second of each, …
std::vector<data::TextPair> in_turn(std::vector<std::vector<data::TextPair>> lists) {
  if (lists.size() == 1) return std::move(lists[0]);
  size_t longest = 0;
  for (const auto& list : lists) longest = std::max(longest, list.size());
  std::vector<data::TextPair> all;
  for (size_t i = 0; i < longest; ++i)
    for (auto& list : lists)
      if (i < list.size()) all.push_back(std::move(list[i]));
  return all;
}

}  // namespace

std::vector<data::TextPair> read_pairs(const data::ParallelFiles& files) {
  return data::read_parallel(files, [](const std::string& why) { log_warning("{}", why); });
}

std::vector<data::TextPair> read_pairs(const DataConfig& config, const std::string& source, const std::string& target) {
  std::vector<std::vector<data::TextPair>> of_domains;
  for (const int32_t domain : domains_of(config, source)) {
    const auto file = [&](const std::string& name) {
      return data::find_data_file(config.dir, file_of_domain(config, name, domain));
    };
    of_domains.push_back(read_pairs({file(source), target.empty() ? std::filesystem::path() : file(target),
                                     config.source_column, config.target_column}));
    for (data::TextPair& pair : of_domains.back()) pair.domain = domain;
  }
  return in_turn(std::move(of_domains));
}

std::vector<DomainText> read_texts(const DataConfig& config, const std::string& name) {
  std::vector<DomainText> texts;
  for (const int32_t domain : domains_of(config, name))
    texts.push_back({read_whole(data::find_data_file(config.dir, file_of_domain(config, name, domain))), domain});
  return texts;
}

data::LanguageSet encode_texts(const DataConfig& config, std::span<const DomainText> texts,
                               const text::Tokenizer& tokenizer) {
  data::LanguageSet set;
  for (const auto& [text, domain] : texts) {
    if (!config.document_end.empty()) add_documents(set, text, config.document_end, tokenizer, config.block, domain);
    else data::add_stream(set, tokenizer.encode(text, false), *tokenizer.begin_id(), config.block, domain);
  }
  return set;
}

std::vector<data::TextPair> read_training_pairs(const DataConfig& config) {
  std::vector<data::TextPair> pairs = read_pairs(config, config.train_source, config.train_target);
  if (config.train_lines > 0 && std::ssize(pairs) > config.train_lines)
    pairs.resize(static_cast<size_t>(config.train_lines));
  return pairs;
}

std::string read_whole(const std::filesystem::path& file) {
  data::LineReader reader(file);
  std::string text;
  for (std::string_view line; reader.next(line);) {
    text += line;
    text += '\n';
  }
  if (text.empty()) fail_input("{} is empty; a language model needs text", reader.file().string());
  return text;
}

}  // namespace heddle::task
