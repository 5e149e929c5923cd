#include "heddle/metrics/translation_edits.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "heddle/metrics/edit_band.h"

namespace heddle::metrics {
namespace {

constexpr size_t kLongestShift = 10;   // words
constexpr size_t kFarthestMatch = 50;  // words between its places in hypothesis and reference
constexpr int kMostCandidates = 1000;  // of one line
constexpr int64_t kMostSteps = 400'000'000;

// A run of words and the word that it shall stand before.
struct Shift {
  size_t start, length, target;
};

// A shift as std::rotate makes it: the words [middle, last) come before [first, middle).
struct Rotation {
  size_t first, middle, last;

  Rotation(const Shift& shift, size_t words) {
    const size_t end = shift.start + shift.length;
    if (shift.target < shift.start) first = shift.target, middle = shift.start, last = end;
    else if (shift.target > end) first = shift.start, middle = end, last = shift.target;
    else  // a target inside the run itself: as many places on
      first = shift.start, middle = end, last = std::min(shift.target + shift.length, words);
  }
  void apply(Symbols& words) const { std::rotate(at(words, first), at(words, middle), at(words, last)); }
  void undo(Symbols& words) const {
    std::rotate(at(words, first), at(words, first + (last - middle)), at(words, last));
  }
  static Symbols::iterator at(Symbols& words, size_t i) { return words.begin() + static_cast<std::ptrdiff_t>(i); }
};

struct Candidate {
  int64_t saved;  // edits
  Shift shift;
};

// More edits saved, then the longer run, then the earlier run, then the earlier target.
bool better(const Candidate& a, const Candidate& b) {
  return std::tuple(a.saved, a.shift.length, b.shift.start, b.shift.target) >
         std::tuple(b.saved, b.shift.length, a.shift.start, a.shift.target);
}

class ShiftSearch {
 public:
  ShiftSearch(const Symbols& hypothesis, const Symbols& reference)
      : words_(hypothesis), reference_(reference), band_(reference_, words_) {}

  int64_t count_edits() {
    int64_t shifts = 0;
    while (make_best_shift()) ++shifts;
    return shifts + band_.distance();
  }

 private:
  bool exhausted() const {
    return candidates_ >= kMostCandidates || band_.cells_computed() + words_compared_ >= kMostSteps;
  }

  bool make_best_shift() {
    alignment_ = band_.align(words_);
    best_.reset();
    for (size_t start = 0; start < words_.size() && !exhausted(); ++start) try_runs_from(start);
    if (exhausted() || !best_ || best_->saved <= 0) return false;
    const Rotation rotation(best_->shift, words_.size());
    rotation.apply(words_);
    band_.update(words_, rotation.first);
    return true;
  }

  void try_runs_from(size_t start) {
    const size_t from = start > kFarthestMatch ? start - kFarthestMatch : 0;
    const size_t to = std::min(reference_.size(), start + kFarthestMatch + 1);
    for (size_t match = from; match < to; ++match) {
      ++words_compared_;
      for (size_t length = 1; length <= kLongestShift && same_word(start, match, length - 1); ++length) {
        ++words_compared_;
        if (is_worth_trying(start, match, length)) try_targets(start, match, length);
        if (exhausted()) return;
      }
    }
  }

  bool same_word(size_t start, size_t match, size_t offset) const {
    return start + offset < words_.size() && match + offset < reference_.size() &&
           words_[start + offset] == reference_[match + offset];
  }

  // Both sides have an error in these words, and they do not stand where they belong already.
  bool is_worth_trying(size_t start, size_t match, size_t length) const {
    const auto errors = [length](const std::vector<int32_t>& before, size_t at) {
      return before[at + length] - before[at];
    };
    const int64_t stands = alignment_.position[match], run = static_cast<int64_t>(start);
    return errors(alignment_.hypothesis_errors, start) > 0 && errors(alignment_.reference_errors, match) > 0 &&
           !(stands >= run && stands < run + static_cast<int64_t>(length));
  }

  // To stand behind the word before the match, or behind any word of it.
  void try_targets(size_t start, size_t match, size_t length) {
    std::optional<size_t> last;
    for (size_t k = 0; k <= length; ++k) {
      const size_t target = match + k == 0 ? 0 : static_cast<size_t>(alignment_.position[match + k - 1] + 1);
      if (target != last) try_shift({start, length, target});
      last = target;
    }
  }

  void try_shift(const Shift& shift) {
    const Rotation rotation(shift, words_.size());
    rotation.apply(words_);
    const int64_t distance = band_.distance_if(words_, rotation.first, rotation.last);
    rotation.undo(words_);
    const Candidate candidate = {band_.distance() - distance, shift};
    if (!best_ || better(candidate, *best_)) best_ = candidate;
    ++candidates_;
  }

  Symbols words_;  // the hypothesis with the shifts made so far
  const Symbols& reference_;
  EditBand band_;
  WordAlignment alignment_;
  std::optional<Candidate> best_;
  int candidates_ = 0;
  int64_t words_compared_ = 0;
};

}  // namespace

int64_t count_translation_edits(const Symbols& hypothesis, const Symbols& reference) {
  if (reference.empty()) return static_cast<int64_t>(hypothesis.size());
  return ShiftSearch(hypothesis, reference).count_edits();
}

}  // namespace heddle::metrics
