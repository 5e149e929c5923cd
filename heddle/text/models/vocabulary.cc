#include "heddle/text/models/vocabulary.h"

#include <algorithm>
#include <bit>

#include <xxhash.h>

namespace heddle::text {
namespace {

uint32_t hash_of(std::string_view token) { return static_cast<uint32_t>(XXH3_64bits(token.data(), token.size())); }

}  // namespace

Vocabulary::Vocabulary(const std::vector<std::optional<std::string>>& tokens) {
  slots_.resize(std::bit_ceil(std::max<size_t>(tokens.size() * 2, 8)));
  free_.resize(tokens.size());
  for (size_t id = 0; id < tokens.size(); ++id) {
    free_[id] = !tokens[id];
    if (tokens[id]) {
      pool_ += *tokens[id];
      ++count_;
    }
    begins_.push_back(pool_.size());
  }
  const size_t mask = slots_.size() - 1;
  for (int32_t id = 0; id < size(); ++id) {
    if (!has(id)) continue;
    const uint32_t hash = hash_of(token(id));
    size_t at = hash & mask;
    while (slots_[at].id != kNone && !(slots_[at].hash == hash && token(slots_[at].id) == token(id)))
      at = (at + 1) & mask;
    slots_[at] = {hash, id};
  }
}

Vocabulary::Vocabulary(const std::vector<std::string>& tokens)
    : Vocabulary(std::vector<std::optional<std::string>>(tokens.begin(), tokens.end())) {}

int32_t Vocabulary::find(std::string_view text) const {
  if (slots_.empty()) return kNone;
  const uint32_t hash = hash_of(text);
  const size_t mask = slots_.size() - 1;
  for (size_t at = hash & mask; slots_[at].id != kNone; at = (at + 1) & mask)
    if (slots_[at].hash == hash && token(slots_[at].id) == text) return slots_[at].id;
  return kNone;
}

Vocabulary Vocabulary::read(const JsonView& vocab) {
  if (!vocab.is_object()) vocab.fail("a vocabulary must map tokens to ids");
  const auto most = static_cast<int64_t>(2 * vocab.size() + 1024);
  std::vector<std::optional<std::string>> tokens;
  vocab.each_member([&](const std::string& token, JsonView id) {
    const auto place = static_cast<size_t>(id.integer(0, most));
    if (place >= tokens.size()) tokens.resize(place + 1);
    if (tokens[place]) id.fail("the tokens \"{}\" and \"{}\" share the id {}", *tokens[place], token, place);
    tokens[place] = token;
  });
  return Vocabulary(tokens);
}

void Vocabulary::write(JsonWriter& json) const {
  json.begin_object();
  for (int32_t id = 0; id < size(); ++id)
    if (has(id)) json.member(token(id), id);
  json.end_object();
}

}  // namespace heddle::text
