#include "heddle/task/domains.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "heddle/base/comma_list.h"
#include "heddle/base/error.h"
#include "heddle/nn/embedding/fusion.h"

namespace heddle::task {
namespace {

constexpr std::string_view kDomain = "{domain}";

bool is_of_each(const std::string& file) { return file.find(kDomain) != file.npos; }

struct NamedFile {
  const char* key;
  const std::string& file;
};

// What a training on text or on pairs reads: first what is trained on.
std::vector<NamedFile> files_of(const DataConfig& c) {
  if (!c.train_text.empty()) return {{"data.train_text", c.train_text}, {"data.valid_text", c.valid_text}};
  return {{"data.train_source", c.train_source},
          {"data.train_target", c.train_target},
          {"data.valid_source", c.valid_source},
          {"data.valid_target", c.valid_target}};
}

void check_files(const DataConfig& config, bool any_domains) {
  const std::vector<NamedFile> files = files_of(config);
  for (const NamedFile& one : files)
    if (is_of_each(one.file) && !any_domains)
      fail_input(
          "{} = \"{}\" stands for a file of each domain, and data.domains names none; name them, such as \"news, "
          "talks\"",
          one.key, one.file);
  if (any_domains && !is_of_each(files[0].file))
    fail_input(
        "data.domains = \"{}\" names domains, but {} = \"{}\" is one file; write {} where the name of its domain "
        "stands",
        config.domains, files[0].key, files[0].file, kDomain);
  for (size_t i = 0; files.size() == 4 && i < 4; i += 2)
    if (!files[i + 1].file.empty() && is_of_each(files[i].file) != is_of_each(files[i + 1].file))
      fail_input("of {} = \"{}\" and {} = \"{}\" one is a file of each domain and the other is not; write {} into both",
                 files[i].key, files[i].file, files[i + 1].key, files[i + 1].file, kDomain);
}

}  // namespace

std::vector<std::string> domain_names(const DataConfig& config) {
  std::vector<std::string> names;
  if (config.domains.empty()) return names;
  for (const std::string_view name : comma_list(config.domains)) {
    if (name.empty() || std::ranges::find(names, name) != names.end())
      fail_input(
          "data.domains = \"{}\" has \"{}\" where the name of another domain is expected; write names parted by "
          "commas, such as \"news, talks\"",
          config.domains, name);
    names.emplace_back(name);
  }
  return names;
}

std::vector<int32_t> domains_of(const DataConfig& config, const std::string& file) {
  if (!is_of_each(file)) return {kNoDomain};
  std::vector<int32_t> domains(domain_names(config).size());
  for (size_t i = 0; i < domains.size(); ++i) domains[i] = static_cast<int32_t>(i);
  return domains;
}

std::string file_of_domain(const DataConfig& config, const std::string& file, int32_t domain) {
  if (domain == kNoDomain) return file;
  std::string name = file;
  const std::string of = domain_names(config)[static_cast<size_t>(domain)];
  for (size_t at = 0; (at = name.find(kDomain, at)) != name.npos; at += of.size()) name.replace(at, kDomain.size(), of);
  return name;
}

void settle_domains(Recipe& recipe) {
  const auto count = std::ssize(domain_names(recipe.data));
  check_files(recipe.data, count > 0);
  std::optional<int64_t>& of_model = recipe.model.embedding_domains;
  if (count == 0 || !nn::embeddings::find_fusion(recipe.model.embedding_fusion).idea.traits.needs_domains) return;
  if (of_model && *of_model != count)
    fail_input("model.embedding.domains = {}, but data.domains = \"{}\" names {}; leave out model.embedding.domains",
               *of_model, recipe.data.domains, count);
  of_model = count;
}

int32_t domain_number(const Recipe& recipe, std::string_view name) {
  if (name.empty()) return kNoDomain;
  if (!recipe.model.embedding_domains)
    fail_input(
        "the domain \"{}\" is nothing to this model, whose model.embedding.fusion = \"{}\" knows no domains; leave "
        "it out",
        name, recipe.model.embedding_fusion);
  const std::vector<std::string> names = domain_names(recipe.data);
  const auto found = std::ranges::find(names, name);
  if (found == names.end())
    fail_input("\"{}\" is no domain of this model; it learned {}", name, fmt::join(names, ", "));
  return static_cast<int32_t>(found - names.begin());
}

}  // namespace heddle::task
