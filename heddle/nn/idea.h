#pragma once
// What an architectural idea says of itself, so that a config may name it, a table may show it, and a combination that
// makes no sense is refused.
//
// Every idea is one file in its folder, named as the config names it. Its class has a `static constexpr Idea kIdea`,
// and the folder's factory one line for it. Traits are promises: the property tests (tests/model/variants_test.cc) draw
// combinations at random and hold each to what its traits promise.

#include <span>
#include <string>
#include <string_view>

#include "heddle/base/error.h"

namespace heddle::nn {

struct Traits {
  bool batch_statistics = false;  // training: a row depends on the other rows of its batch, whoever they are
  bool causal_safe = true;        // a row never depends on later rows of its sequence by this idea's doing
  bool order_equivariant = true;  // permuting the rows of a sequence permutes the results
  bool needs_query = false;       // is a function of the queries
  bool fixed_length = false;      // knows no positions beyond those it was built for
  bool needs_domains = false;     // is a function of the domain of a text
  bool self_only = false;         // has a meaning only where queries and keys are the same sequence
  bool exact_gradient = true;     // else a rounding's gradient is taken for 1
  bool whole_gradient = true;     // else a part of it is left out on purpose
};

struct Idea {
  std::string_view name;     // the config's value, and the file's
  std::string_view formula;  // n rows, width d, h heads, inner width f
  std::string_view cost;     // operations beside those that every kind has, and weights
  std::string_view paper;
  Traits traits = {};
};

// A folder's ideas by name. Entry: has an `idea`.
template <class Entry>
const Entry* find_entry(std::span<const Entry> entries, std::string_view name) {
  for (const Entry& entry : entries)
    if (entry.idea.name == name) return &entry;
  return nullptr;
}

template <class Entry>
std::string names_of(std::span<const Entry> entries) {
  std::string names;
  for (size_t i = 0; i < entries.size(); ++i)
    names += std::string(i == 0 ? "" : i + 1 == entries.size() ? " or " : ", ") + std::string(entries[i].idea.name);
  return names;
}

// Throws InputError that names the key and the choices.
template <class Entry>
const Entry& entry_of(std::span<const Entry> entries, std::string_view key, std::string_view name) {
  const Entry* entry = find_entry(entries, name);
  if (!entry) fail_input("{} = \"{}\" is unknown; choose {}", key, name, names_of(entries));
  return *entry;
}

}  // namespace heddle::nn
