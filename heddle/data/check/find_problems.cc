// From the figures of a report to sentences.

#include <fmt/format.h>

#include <algorithm>

#include "heddle/data/check/data_report.h"

namespace heddle::data {
namespace {

constexpr double kImbalance = 10;      // the largest class to the smallest
constexpr size_t kNamed = 5;           // classes named in a sentence
constexpr int64_t kOutlier = 20;       // times the median length
constexpr int64_t kOutlierFrom = 500;  // characters

double share(int64_t part, int64_t whole) {
  return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

std::string names(std::vector<std::string> list) {
  const size_t more = list.size() > kNamed ? list.size() - kNamed : 0;
  list.resize(list.size() - more);
  return fmt::format("{}{}", fmt::join(list, ", "), more > 0 ? fmt::format(" and {} more", more) : "");
}

std::string rows_text(int64_t rows, int64_t all) {
  return fmt::format("{} of {} rows ({:.3g} %)", rows, all, share(rows, all));
}

class Finder {
 public:
  Finder(const SetReport& report, const ProfileOptions& options) : report_(report), options_(options) {}

  std::vector<Finding> find() {
    for (const PartReport& part : report_.parts) {
      look_at_part(part);
      for (const ColumnReport& column : part.columns) look_at_column(part, column);
    }
    look_at_duplicates();
    compare_labels();
    std::ranges::stable_sort(findings_, {}, &Finding::severity);
    return std::move(findings_);
  }

 private:
  template <class... Args>
  void add(Severity severity, fmt::format_string<Args...> sentence, Args&&... args) {
    findings_.push_back({severity, fmt::format(sentence, std::forward<Args>(args)...)});
  }

  void look_at_part(const PartReport& part) {
    if (part.rows == 0) add(Severity::error, "{}: {} has no rows", name_of(part.split), part.files[0]);
    if (part.broken_lines > 0)
      add(Severity::error,
          "{}: {} lines are not UTF-8, line {} first; their broken bytes are read as U+FFFD (is it Latin-1? iconv -f "
          "latin1 -t utf-8 converts that)",
          name_of(part.split), part.broken_lines, part.first_broken_line);
    if (part.columns.size() != report_.parts[0].columns.size())
      add(Severity::error, "{} has {} columns, {} has {}: they were not compared", name_of(part.split),
          part.columns.size(), name_of(report_.parts[0].split), report_.parts[0].columns.size());
  }

  void look_at_column(const PartReport& part, const ColumnReport& column) {
    const std::string where = fmt::format("{}, column {}", name_of(part.split), column.name);
    const bool lines = part.columns.size() == 1;  // where an empty line may just separate paragraphs
    if (column.kind == ColumnKind::empty && part.rows > 0) {
      add(Severity::note, "{}: no row has a value", where);
      return;
    }
    if (column.empty.rows > 0 && (column.kind == ColumnKind::text || column.kind == ColumnKind::label))
      add(lines || 2 * column.empty.rows > column.rows ? Severity::note : Severity::warning,
          "{}: {} are empty, first {}", where, rows_text(column.empty.rows, column.rows), column.empty.first_place);
    look_at_oddities(column, where);
    if (column.kind == ColumnKind::label) look_at_classes(column, where);
    if (column.kind == ColumnKind::tags && column.tag_errors > 0)
      add(Severity::error, "{}: {} sentences break the rules of {}, such as {}", where, column.tag_errors,
          column.scheme == TagScheme::bioes ? "BIOES" : "BIO", fmt::join(column.first_tag_errors, "; "));
    if (column.truncated > 0)
      add(Severity::warning, "{}: {} are longer than {} tokens and would be cut; the longest has {}", where,
          rows_text(column.truncated, column.rows), options_.max_tokens, column.longest_tokens);
    if (column.kind == ColumnKind::text && column.longest >= kOutlierFrom &&
        column.longest > kOutlier * std::max<int64_t>(column.median_length, 1))
      add(Severity::note, "{}: the longest row has {} characters, half of them have {} or fewer: {}", where,
          column.longest, column.median_length, column.longest_place);
  }

  void look_at_oddities(const ColumnReport& column, const std::string& where) {
    const auto odd = [&](Oddity oddity) -> const OddRows& { return column.odd[static_cast<size_t>(oddity)]; };
    if (const auto& rows = odd(Oddity::replacement); rows.rows > 0)
      add(Severity::warning, "{}: {} characters in {} rows are U+FFFD, lost before this file was written, first {}",
          where, rows.characters, rows.rows, rows.first_place);
    if (const auto& rows = odd(Oddity::mojibake); rows.rows > 0)
      add(Severity::warning, "{}: {} rows look like UTF-8 encoded twice (\"Ã©\" for \"é\"), first {}", where, rows.rows,
          rows.first_place);
    if (const auto& rows = odd(Oddity::control); rows.rows > 0)
      add(Severity::warning, "{}: {} rows have control characters, first {}", where, rows.rows, rows.first_place);
    if (const auto& rows = odd(Oddity::markup); rows.rows > 0)
      add(Severity::note, "{}: {} rows have HTML tags or entities, first {}", where, rows.rows, rows.first_place);
    if (const auto& rows = odd(Oddity::no_letters);
        rows.rows > 0 && column.kind == ColumnKind::text && column.values == column.rows)
      add(Severity::note, "{}: {} texts have no letter and no figure, first {}", where, rows.rows, rows.first_place);
  }

  void look_at_classes(const ColumnReport& column, const std::string& where) {
    if (column.classes.size() == 1)
      add(Severity::note, "{}: every row has the same value, {}", where, column.classes[0].value);
    if (column.classes.size() < 2) return;
    const ClassCount &most = column.classes.front(), &least = column.classes.back();
    if (static_cast<double>(most.count) >= kImbalance * static_cast<double>(least.count))
      add(Severity::note,
          "{}: classes are uneven: {} has {} values, {} has {}; accuracy says little here, macro-F1 more", where,
          most.value, most.count, least.value, least.count);
  }

  void look_at_duplicates() {
    const DuplicateReport& found = report_.duplicates;
    for (size_t a = 0; a < found.leaks.size(); ++a)
      for (size_t b = a + 1; b < found.leaks.size(); ++b)
        if (found.leaks[a][b] > 0)
          add(Severity::warning, "{} of {} are in {} too (by {}){}; scores on them say nothing about unseen data",
              rows_text(found.leaks[a][b], report_.parts[b].rows), name_of(report_.parts[b].split),
              name_of(report_.parts[a].split), names(report_.compared), example(a, b));
    for (size_t part = 0; part < found.within.size(); ++part) {
      const PartReport& rows = report_.parts[part];
      if (found.within[part] > 0)
        add(Severity::note, "{}: {} repeat an earlier one (by {}){}", name_of(rows.split),
            rows_text(found.within[part], rows.rows), names(report_.compared), example(part, part));
      if (found.contradicting[part] > 0)
        add(Severity::warning, "{}: {} rows repeat an earlier text with another label", name_of(rows.split),
            found.contradicting[part]);
    }
  }

  std::string example(size_t first, size_t second) const {
    for (size_t i = 0; i < report_.duplicates.examples.size(); ++i) {
      const RowPair& pair = report_.duplicates.examples[i];
      if (pair.first_part == first && pair.second_part == second) return ", such as " + report_.example_places[i];
    }
    return "";
  }

  // Labels of a later part that the first one does not have, and the other way round.
  void compare_labels() {
    if (report_.parts.empty()) return;
    const PartReport& first = report_.parts[0];
    for (size_t p = 1; p < report_.parts.size(); ++p)
      for (size_t i = 0; i < std::min(first.columns.size(), report_.parts[p].columns.size()); ++i) {
        const ColumnReport &a = first.columns[i], &b = report_.parts[p].columns[i];
        if (a.classes.empty() || b.classes.empty()) continue;
        const auto unseen = missing(b, a), lacking = missing(a, b);
        if (!unseen.empty())
          add(Severity::warning, "column {}: {} has labels that {} does not have: {}", a.name,
              name_of(report_.parts[p].split), name_of(first.split), names(unseen));
        if (!lacking.empty())
          add(Severity::note, "column {}: {} lacks labels of {}: {}", a.name, name_of(report_.parts[p].split),
              name_of(first.split), names(lacking));
      }
  }

  // The values of `from` that `in` does not have.
  static std::vector<std::string> missing(const ColumnReport& from, const ColumnReport& in) {
    std::vector<std::string> out;
    for (const ClassCount& value : from.classes)
      if (std::ranges::find(in.classes, value.value, &ClassCount::value) == in.classes.end())
        out.push_back(fmt::format("{} ({})", value.value, value.count));
    return out;
  }

  const SetReport& report_;
  const ProfileOptions& options_;
  std::vector<Finding> findings_;
};

}  // namespace

std::string_view name_of(Severity severity) {
  constexpr std::string_view kNames[] = {"error", "warning", "note"};
  return kNames[static_cast<size_t>(severity)];
}

std::vector<Finding> find_problems(const SetReport& report, const ProfileOptions& options) {
  return Finder(report, options).find();
}

}  // namespace heddle::data
