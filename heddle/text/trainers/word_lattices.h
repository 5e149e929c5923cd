#pragma once
// The lattices of all words at once, kept from one round of training to the next: where each piece may stand is looked
// up once, and pruning only takes pieces out.

#include <cstdint>
#include <span>
#include <vector>

#include "heddle/text/trainers/piece_lattice.h"
#include "heddle/text/trainers/word_counts.h"

namespace heddle::text {

struct Expectation {
  std::vector<double> counts;  // of each piece, over all cuts of all words
  double log_likelihood = 0;   // of the words; those that cannot be cut are left out
};

// By all threads. Sums are integers of 2^−24 (up to 5·10^11 characters), so they do not depend on who summed what.
class WordLattices {
 public:
  // The words outlive this. Pieces are known by their places in `pieces`.
  WordLattices(std::span<const WordCount> words, std::span<const UnigramPiece> pieces);

  // How often each piece is expected, with the scores that `pieces` have now.
  Expectation expect(std::span<const UnigramPiece> pieces) const;
  // How often each piece stands in the best cuts of the words.
  std::vector<int64_t> count_best(std::span<const UnigramPiece> pieces) const;
  // Piece i is known as numbers[i] from now on; −1: it is gone.
  void renumber(std::span<const int32_t> numbers);

  std::span<const WordCount> words() const { return words_; }

 private:
  // Some words, each a list of steps: kMove + byte, then the pieces that may begin at that byte, the shortest first.
  struct Block {
    std::vector<uint32_t> steps;
    std::vector<uint32_t> ends;  // of the words' steps
  };
  static constexpr uint32_t kMove = uint32_t{1} << 31;
  static constexpr size_t kWordsInBlock = 1024;

  template <class Add>
  std::vector<int64_t> sum_over_blocks(size_t sums, Add&& add) const;
  template <class Use>
  void each_word(size_t block, Use&& use) const;

  std::span<const WordCount> words_;
  std::vector<Block> blocks_;
};

}  // namespace heddle::text
