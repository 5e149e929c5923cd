// Any bytes as a file of word vectors: a sentence, or words that are found again, each with a finite vector.

#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <string>

#include "heddle/base/error.h"
#include "heddle/text/word_vectors/nearest_words.h"
#include "heddle/text/word_vectors/vector_file.h"

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

// The first byte says which format to read.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using heddle::text::VectorFormat;
  static const int memory = memfd_create("fuzz", 0);  // a file without a disk
  static const std::string path = "/proc/self/fd/" + std::to_string(memory);
  if (size == 0) return 0;
  const auto bytes = static_cast<ssize_t>(size - 1);
  check(ftruncate(memory, 0) == 0 && pwrite(memory, data + 1, size - 1, 0) == bytes);
  constexpr VectorFormat kFormats[] = {VectorFormat::guess, VectorFormat::text, VectorFormat::binary};
  try {
    const auto vectors = heddle::text::read_word_vectors(path, kFormats[data[0] % 3]);
    check(vectors.size() > 0 && vectors.size() * vectors.width() <= bytes);
    std::vector<float> vector(static_cast<size_t>(vectors.width()));
    for (int64_t row = 0; row < vectors.size(); ++row) {
      check(!vectors.word(row).empty() && vectors.find(vectors.word(row)) == row);
      vectors.copy(row, vector);
      for (const float x : vector) check(std::isfinite(x));
    }
    for (const auto& neighbour : heddle::text::nearest_words(vectors, vector, 3))
      check(std::abs(neighbour.cosine) <= 1.000001);
  } catch (const heddle::InputError& error) {
    check(std::string_view(error.what()).size() > 10);
  }
  return 0;
}
