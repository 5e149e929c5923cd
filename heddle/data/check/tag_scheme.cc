#include "heddle/data/check/tag_scheme.h"

#include <fmt/format.h>

namespace heddle::data {

std::optional<Tag> parse_tag(std::string_view text) {
  if (text == "O") return Tag{'O', {}};
  if (text.size() < 3 || text[1] != '-') return {};
  switch (text[0]) {
    case 'B':
    case 'I':
    case 'E':
    case 'S': return Tag{text[0], text.substr(2)};
    case 'L': return Tag{'E', text.substr(2)};
    case 'U': return Tag{'S', text.substr(2)};
    default: return {};
  }
}

std::optional<TagError> tag_error(std::span<const std::string_view> tags, TagScheme scheme) {
  Tag before = {'O', {}};
  for (size_t i = 0; i <= tags.size(); ++i) {
    const bool at_end = i == tags.size();
    const auto tag = at_end ? Tag{'O', {}} : parse_tag(tags[i]);
    if (!tag) return TagError{i, fmt::format("\"{}\" is no tag; expected O, B-type or I-type", tags[i])};
    const bool open = before.place == 'B' || before.place == 'I';
    const bool continues = tag->place == 'I' || tag->place == 'E';
    if (continues && !(open && before.type == tag->type))
      return TagError{i, fmt::format("{} follows {}; a span begins with {}-{}", tags[i],
                                     i == 0 ? "nothing" : tags[i - 1], tag->place == 'E' ? "B or S" : "B", tag->type)};
    if (scheme == TagScheme::bioes && open && !continues)
      return TagError{i - 1, fmt::format("{} ends a span; in BIOES a span ends with E-{}, or is S-{} alone",
                                         tags[i - 1], before.type, before.type)};
    before = *tag;
  }
  return {};
}

}  // namespace heddle::data
