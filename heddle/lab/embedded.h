#pragma once
// Files of the repository that are compiled into the library, so that an installed program has its whole lab: the
// ledger of claims, the answers, the stored results, and a hash of each experiment's source.

#include <optional>
#include <span>
#include <string_view>

namespace heddle::lab {

struct EmbeddedFile {
  std::string_view name;  // "lab/claims/052.json", "docs/answers/052.md", "docs/results/lab/052.json"
  std::string_view text;
};

std::span<const EmbeddedFile> embedded_files();
// The text of a file; nothing if there is none of that name.
std::optional<std::string_view> embedded_file(std::string_view name);
// SHA-256 of heddle/lab/<file>, as hexadecimal digits; empty for another name.
std::string_view source_hash(std::string_view file);

}  // namespace heddle::lab
