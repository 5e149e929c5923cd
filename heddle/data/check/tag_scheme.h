#pragma once
// Tags of spans over tokens: BIO (Ramshaw & Marcus 1995, as CoNLL-2002 writes it) and BIOES, and where a sentence
// breaks their rules.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::data {

enum class TagScheme : uint8_t { bio, bioes };

// "B-PER" → 'B', "PER"; "O" → 'O', "". Nothing for what is no tag. L and U of BILOU are read as E and S.
struct Tag {
  char place;
  std::string_view type;
};
std::optional<Tag> parse_tag(std::string_view text);

struct TagError {
  size_t token;         // in the sentence, from 0
  std::string problem;  // the rest of a sentence: "I-PER follows O; a span begins with B-PER"
};

// The first mistake of a sentence, if there is one. A span may not begin with I or E, nor change its type inside; in
// BIOES it may also not end with B or I.
std::optional<TagError> tag_error(std::span<const std::string_view> tags, TagScheme scheme);

}  // namespace heddle::data
