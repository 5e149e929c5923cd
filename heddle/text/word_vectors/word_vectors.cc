#include "heddle/text/word_vectors/word_vectors.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "heddle/base/error.h"

namespace heddle::text {

static_assert(std::endian::native == std::endian::little, "mapped vectors are read as they stand");

WordVectors::WordVectors(int64_t width, std::string pool, std::vector<Place> words, std::vector<float> values)
    : width_(width), pool_(std::move(pool)), words_(std::move(words)), values_(std::move(values)) {
  HEDDLE_CHECK(width > 0 && std::ssize(values_) == size() * width, "{} values are not [{}, {}]", values_.size(), size(),
               width);
  index_words();
}

WordVectors::WordVectors(int64_t width, std::shared_ptr<const MappedFile> file, std::vector<Place> words)
    : width_(width), file_(std::move(file)), words_(std::move(words)) {
  index_words();
}

const char* WordVectors::pool() const {
  return file_ ? reinterpret_cast<const char*>(file_->bytes().data()) : pool_.data();
}

void WordVectors::copy(int64_t row, std::span<float> to) const {
  const std::string_view text = word(row);
  const void* from = file_ ? static_cast<const void*>(text.data() + text.size() + 1) : values_.data() + row * width_;
  std::memcpy(to.data(), from, static_cast<size_t>(width_) * sizeof(float));
}

int64_t WordVectors::find(std::string_view word) const {
  return index_.find(word, [this](int64_t row) { return this->word(row); });
}

// Rows move down over those of repeated words.
void WordVectors::index_words() {
  index_ = WordIndex(size());
  int64_t kept = 0;
  for (int64_t row = 0; row < size(); ++row) {
    const Place place = words_[static_cast<size_t>(row)];
    if (!index_.add(text_of(place), kept, [this](int64_t other) { return word(other); })) continue;
    words_[static_cast<size_t>(kept)] = place;
    if (!file_ && kept != row) std::copy_n(values_.data() + row * width_, width_, values_.data() + kept * width_);
    ++kept;
  }
  repeated_ = size() - kept;
  words_.resize(static_cast<size_t>(kept));
  if (!file_) values_.resize(static_cast<size_t>(kept * width_));
}

}  // namespace heddle::text
