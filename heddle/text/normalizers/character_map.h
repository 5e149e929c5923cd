#pragma once
// A character map compiled by SentencePiece: a double array (Aoe 1989, as darts-clone stores it) over UTF-8 from
// strings to what they become.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::text {

// The map as SentencePiece stores it: the size of the array in bytes, the array (32-bit units), then texts that each
// end with a zero byte; all little-endian.
class CharacterMap {
 public:
  // Throws InputError when sizes or places in the map do not fit.
  explicit CharacterMap(std::string bytes);
  CharacterMap(const CharacterMap&) = delete;
  CharacterMap& operator=(const CharacterMap&) = delete;

  const std::string& bytes() const { return bytes_; }

  struct Match {
    size_t length;             // bytes of the text that are mapped
    std::string_view becomes;  // valid UTF-8, may be empty
  };
  // Of the mapped strings that `text`, valid UTF-8, begins with; nullopt: there is none. The longest one is whole code
  // points.
  std::optional<Match> shortest(std::string_view text) const { return find(text, true); }
  std::optional<Match> longest(std::string_view text) const { return find(text, false); }

 private:
  std::optional<Match> find(std::string_view text, bool first) const;

  std::string bytes_;
  std::vector<uint32_t> units_;
  std::string_view texts_;
};

}  // namespace heddle::text
