#pragma once
// Texts of several domains: data.domains names them, and a file of [data] whose name holds {domain} is one file of
// each. Models whose token vectors depend on the domain (model.embedding.fusion = "domains") read its number in their
// batches; to all others it is nothing.

#include <string>
#include <string_view>
#include <vector>

#include "heddle/task/recipe.h"

namespace heddle::task {

// In the order of their numbers. Throws InputError for a name that is empty or comes twice.
std::vector<std::string> domain_names(const DataConfig& config);

// The domains that files of this name are of: all, or for one without {domain} none that is known.
std::vector<int32_t> domains_of(const DataConfig& config, const std::string& file);
// The name of the file of this domain.
std::string file_of_domain(const DataConfig& config, const std::string& file, int32_t domain);

// Holds names of files and domains together, and tells the model how many there are. Throws InputError.
void settle_domains(Recipe& recipe);

// Of a domain that a user names; kNoDomain for "". Throws InputError for an unknown one, and for a model to which
// domains are nothing.
int32_t domain_number(const Recipe& recipe, std::string_view name);

}  // namespace heddle::task
