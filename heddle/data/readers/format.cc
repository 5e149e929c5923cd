#include "heddle/data/readers/format.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "heddle/base/error.h"
#include "heddle/base/nearest.h"

namespace heddle::data {
namespace {

constexpr std::array<std::pair<std::string_view, Format>, 9> kNames = {{{"lines", Format::lines},
                                                                        {"csv", Format::csv},
                                                                        {"tsv", Format::tsv},
                                                                        {"jsonl", Format::jsonl},
                                                                        {"json", Format::json},
                                                                        {"conll", Format::conll},
                                                                        {"labelled", Format::labelled},
                                                                        {"triples", Format::triples},
                                                                        {"images", Format::images}}};
constexpr std::array<std::pair<std::string_view, Format>, 11> kEndings = {{{".jsonl", Format::jsonl},
                                                                           {".ndjson", Format::jsonl},
                                                                           {".json", Format::json},
                                                                           {".csv", Format::csv},
                                                                           {".tsv", Format::tsv},
                                                                           {".conll", Format::conll},
                                                                           {".conllu", Format::conll},
                                                                           {".iob2", Format::conll},
                                                                           {".bin", Format::images},
                                                                           {"idx1-ubyte", Format::images},
                                                                           {"idx3-ubyte", Format::images}}};
constexpr int kHeaderSample = 1000;  // rows
constexpr size_t kLongestName = 40;  // bytes of a column's name

bool looks_like_a_name(std::string_view field) {
  const auto letter = [](char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; };
  const auto allowed = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-'; };
  return !field.empty() && field.size() <= kLongestName && (letter(field[0]) || field[0] == '_') &&
         std::ranges::all_of(field, allowed);
}

void split(std::string_view line, char separator, std::vector<std::string>& fields) {
  fields.clear();
  if (line.ends_with('\r')) line.remove_suffix(1);
  for (size_t from = 0; from <= line.size();) {
    const size_t at = std::min(line.find(separator, from), line.size());
    std::string_view field = line.substr(from, at - from);
    if (field.size() >= 2 && field.front() == '"' && field.back() == '"') field = field.substr(1, field.size() - 2);
    fields.emplace_back(field);
    from = at + 1;
  }
}

}  // namespace

std::string_view name_of(Format format) {
  return std::ranges::find(kNames, format, &std::pair<std::string_view, Format>::second)->first;
}

Format format_named(std::string_view name) {
  std::vector<std::string> names;
  for (const auto& [known, format] : kNames) {
    if (known == name) return format;
    names.emplace_back(known);
  }
  const std::string near = nearest_name(name, names);
  fail_input("there is no format \"{}\"{}; the formats are: {}", name,
             near.empty() ? "" : fmt::format("; did you mean {}?", near), fmt::join(names, ", "));
}

std::string plain_name(const std::filesystem::path& file) {
  const auto ending = file.extension();
  return ending == ".gz" || ending == ".zst" ? std::filesystem::path(file).replace_extension().string() : file.string();
}

Format format_of(const std::filesystem::path& file, const ReaderOptions& options) {
  if (options.format) return *options.format;
  if (std::filesystem::is_directory(file)) return Format::images;
  const std::string name = plain_name(file);
  for (const auto& [ending, format] : kEndings)
    if (name.ends_with(ending)) return format;
  if (!std::filesystem::is_regular_file(file)) return Format::lines;
  LineReader reader(file, options.limits);
  std::string_view line;
  if (!reader.next(line)) return Format::lines;
  if (line.starts_with("{\"")) return Format::jsonl;
  return line.starts_with("__label__") ? Format::labelled : Format::lines;
}

bool guess_header(const std::filesystem::path& file, char separator, const ReadLimits& limits) {
  if (!std::filesystem::is_regular_file(file)) return true;
  LineReader reader(file, limits);
  std::string_view line;
  if (!reader.next(line)) return true;
  std::vector<std::string> names, fields;
  split(line, separator, names);
  if (!std::ranges::all_of(names, looks_like_a_name)) return false;
  if (std::unordered_set<std::string>(names.begin(), names.end()).size() != names.size()) return false;
  for (int row = 0; row < kHeaderSample && reader.next(line); ++row) {
    split(line, separator, fields);
    for (size_t i = 0; i < std::min(names.size(), fields.size()); ++i)
      if (fields[i] == names[i]) return false;
  }
  return true;
}

}  // namespace heddle::data
