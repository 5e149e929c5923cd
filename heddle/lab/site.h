#pragma once
// The lab as web pages: an overview and one page for each row, in English and Chinese, that need no network.

#include <filesystem>
#include <vector>

#include "heddle/lab/row_result.h"

namespace heddle::lab {

// Writes index.html, index.zh.html, NNN.html and NNN.zh.html for the given results.
void write_site(const std::filesystem::path& folder, const std::vector<RowResult>& results);

}  // namespace heddle::lab
