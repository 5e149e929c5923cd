#pragma once
// What the commands of `heddle lab` share.

#include <optional>
#include <string>

#include "app/commands.h"
#include "heddle/lab/result_store.h"

namespace heddle::app {

// Where results are kept unless the user names another folder.
inline constexpr const char* kLabFolder = "heddle-lab";

lab::Language language_of(const std::string& name);
// As ResultStore::find(); a damaged file is a warning, and as if there was none.
std::optional<lab::RowResult> stored_result(const lab::ResultStore& store, int row, lab::Size size);
void print_result(const lab::RowResult& result, lab::Language language);

// heddle lab run
void add_lab_run_command(Command lab);

}  // namespace heddle::app
