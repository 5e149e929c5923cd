#pragma once
// Which format a file has, and whether its first line names columns.

#include <filesystem>
#include <string>
#include <string_view>

#include "heddle/data/readers/record_reader.h"

namespace heddle::data {

std::string_view name_of(Format format);
Format format_named(std::string_view name);  // InputError with the nearest name

// The name without .gz and .zst.
std::string plain_name(const std::filesystem::path& file);

// What `options` name, else a guess: by the ending of the plain name (.jsonl .ndjson .json .csv .tsv .conll .conllu
// .txt …), else by the first line: "{" begins JSON, "__label__" fastText's lines; anything else is lines. Triples must
// be named: they look like any table.
Format format_of(const std::filesystem::path& file, const ReaderOptions& options = {});

// Whether the first line of a table names its columns: its fields are different short words without spaces, and none
// stands in the same column of the next rows. A file that cannot be read twice (a pipe) is taken to have names.
bool guess_header(const std::filesystem::path& file, char separator, const ReadLimits& limits = ReaderOptions{}.limits);

}  // namespace heddle::data
