#include "heddle/text/word_vectors/vector_binary.h"

#include <cstring>

#include "heddle/base/error.h"

namespace heddle::text {
namespace {

constexpr const char* kOtherwise = "; if this is text, --format text reads it so";

class Walk {
 public:
  Walk(const std::string& name, std::string_view bytes, const VectorHeader& header)
      : name_(name), bytes_(bytes), header_(header), at_(header.bytes) {}

  WordVectors::Place next(int64_t number) {
    while (at_ < bytes_.size() && bytes_[at_] == '\n') ++at_;
    const size_t space = bytes_.find(' ', at_);
    const std::string_view word = bytes_.substr(at_, std::min(space, bytes_.size()) - at_);
    check_word(word, number);
    const auto vector_bytes = static_cast<size_t>(header_.width) * sizeof(float);
    if (space == bytes_.npos || bytes_.size() - space - 1 < vector_bytes)
      fail_input("{}: ends at byte {}, within word {} of the {} promised; the file is cut short{}", name_,
                 bytes_.size(), number + 1, header_.count, kOtherwise);
    check_values(space + 1, word);
    const WordVectors::Place place = {at_, static_cast<uint32_t>(word.size())};
    at_ = space + 1 + vector_bytes;
    return place;
  }

  void check_end() const {
    const size_t more = bytes_.find_first_not_of("\n", at_);
    if (more != bytes_.npos)
      fail_input("{}: more follows at byte {} behind the {} words promised; the first line or the width is wrong{}",
                 name_, more, header_.count, kOtherwise);
  }

 private:
  void check_word(std::string_view word, int64_t number) const {
    const size_t odd = word.find_first_of(std::string_view("\0\n", 2));
    if (odd != word.npos)
      fail_input(
          "{}: word {} holds a {} at byte {}; expected a word and a space, so the width is wrong or the file damaged{}",
          name_, number + 1, word[odd] == '\n' ? "line end" : "NUL byte", at_ + odd, kOtherwise);
    if (word.size() > UINT32_MAX) fail_input("{}: word {} at byte {} has no end", name_, number + 1, at_);
    if (word.empty() && at_ < bytes_.size())
      fail_input("{}: word {} at byte {} is empty; the width is wrong or the file damaged{}", name_, number + 1, at_,
                 kOtherwise);
  }

  // An exponent of ones is an infinity or no number.
  void check_values(size_t from, std::string_view word) const {
    constexpr uint32_t kExponent = 0x7F80'0000;
    for (int64_t i = 0; i < header_.width; ++i) {
      const size_t at = from + static_cast<size_t>(i) * sizeof(float);
      uint32_t bits;
      std::memcpy(&bits, bytes_.data() + at, sizeof bits);
      if ((bits & kExponent) == kExponent)
        fail_input("{}: value {} of \"{}\" at byte {} is not finite; the file is damaged or its training diverged",
                   name_, i + 1, word, at);
    }
  }

  const std::string& name_;
  std::string_view bytes_;
  const VectorHeader& header_;
  size_t at_;
};

}  // namespace

WordVectors read_binary_vectors(const std::string& name, std::shared_ptr<const MappedFile> file,
                                const VectorHeader& header) {
  const std::string_view bytes(reinterpret_cast<const char*>(file->bytes().data()), file->bytes().size());
  check_vector_header(name, header, bytes.size(), 2, sizeof(float));
  Walk walk(name, bytes, header);
  std::vector<WordVectors::Place> words;
  words.reserve(static_cast<size_t>(header.count));
  for (int64_t i = 0; i < header.count; ++i) words.push_back(walk.next(i));
  walk.check_end();
  return WordVectors(header.width, std::move(file), std::move(words));
}

}  // namespace heddle::text
