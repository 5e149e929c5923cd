#pragma once
// The lab as web pages that need no network, in English and Chinese: an overview, and a page for each row.

#include <filesystem>
#include <string>
#include <vector>

#include "heddle/lab/row_result.h"

namespace heddle::lab {

// The overview of all rows; those without a result are marked as not run.
std::string index_page(const std::vector<RowResult>& results, Language language);

// Writes index.html, index.zh.html, and NNN.html and NNN.zh.html for every row of the lab.
void write_site(const std::filesystem::path& folder, const std::vector<RowResult>& results);

}  // namespace heddle::lab
