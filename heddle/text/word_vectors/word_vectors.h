#pragma once
// Words and a vector for each: looked up by word, read by row.
//
// The vectors either stand in a mapped file, where word2vec's binary format leaves them, or in memory.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/base/file.h"
#include "heddle/text/word_vectors/word_index.h"

namespace heddle::text {

class WordVectors {
 public:
  // A word's bytes in the pool.
  struct Place {
    uint64_t at;
    uint32_t length;
  };

  // values: [words, width]. Of equal words the first counts; the others are dropped.
  WordVectors(int64_t width, std::string pool, std::vector<Place> words, std::vector<float> values);
  // The file is the pool; behind each word stand one byte and `width` little-endian f32.
  WordVectors(int64_t width, std::shared_ptr<const MappedFile> file, std::vector<Place> words);

  int64_t size() const { return std::ssize(words_); }
  int64_t width() const { return width_; }
  // Words that stood there again and were dropped.
  int64_t repeated() const { return repeated_; }
  bool is_mapped() const { return file_ != nullptr; }

  // row: 0 … size() − 1.
  std::string_view word(int64_t row) const { return text_of(words_[static_cast<size_t>(row)]); }
  // Copies the row's vector; to: [width].
  void copy(int64_t row, std::span<float> to) const;
  // The row of a word, or -1.
  int64_t find(std::string_view word) const;

 private:
  const char* pool() const;
  std::string_view text_of(const Place& place) const { return {pool() + place.at, place.length}; }
  void index_words();

  int64_t width_;
  std::shared_ptr<const MappedFile> file_;  // none: pool_ and values_
  std::string pool_;
  std::vector<Place> words_;
  std::vector<float> values_;
  WordIndex index_;
  int64_t repeated_ = 0;
};

}  // namespace heddle::text
