#include "heddle/data/check/duplicates.h"

#include <xxhash.h>

#include <algorithm>
#include <tuple>

#include "heddle/base/random.h"

namespace heddle::data {
namespace {

constexpr size_t kExamples = 3;  // of each kind

}  // namespace

uint64_t row_hash(const Record& record, const std::vector<size_t>& columns) {
  thread_local std::string text;
  uint64_t hash = 0;
  for (size_t column : columns) {
    text.clear();
    for (std::string_view value : record.all(column)) {
      for (char c : value) {
        const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (!space) text += c;
        else if (!text.empty() && text.back() != ' ') text += ' ';
      }
      while (text.ends_with(' ')) text.pop_back();
      text += '\x1F';  // between the values
    }
    hash = mix64(hash ^ XXH3_64bits(text.data(), text.size()));
  }
  return hash;
}

void DuplicateCounter::add(size_t part, uint64_t text_hash, uint64_t label_hash) {
  entries_.push_back({text_hash, label_hash, static_cast<uint32_t>(part), rows_[part]++});
}

DuplicateReport DuplicateCounter::finish() {
  const size_t parts = rows_.size();
  DuplicateReport report = {std::vector<int64_t>(parts),
                            std::vector<int64_t>(parts),
                            std::vector<std::vector<int64_t>>(parts, std::vector<int64_t>(parts)),
                            {}};
  std::ranges::sort(entries_, {}, [](const Entry& e) { return std::tuple(e.text, e.part, e.row); });
  std::vector<RowPair> within, leaks;
  std::vector<const Entry*> firsts;
  const auto show = [](std::vector<RowPair>& list, const Entry& a, const Entry& b) {
    if (list.size() < kExamples) list.push_back({a.part, b.part, a.row, b.row});
  };
  for (size_t from = 0, to = 0; from < entries_.size(); from = to) {
    for (to = from; to < entries_.size() && entries_[to].text == entries_[from].text; ++to) {
    }
    // Entries of one text, in order of parts and rows: each against the first of its own part and of every earlier one.
    firsts.clear();
    for (size_t i = from; i < to; ++i) {
      const Entry& entry = entries_[i];
      const bool first_of_part = firsts.empty() || firsts.back()->part != entry.part;
      if (first_of_part) firsts.push_back(&entry);
      for (const Entry* first : firsts) {
        if (first->part == entry.part) continue;
        ++report.leaks[first->part][entry.part];
        show(leaks, *first, entry);
      }
      if (first_of_part) continue;
      ++report.within[entry.part];
      report.contradicting[entry.part] += entry.label != firsts.back()->label;
      show(within, *firsts.back(), entry);
    }
  }
  report.examples = std::move(leaks);
  report.examples.insert(report.examples.end(), within.begin(), within.end());
  return report;
}

}  // namespace heddle::data
