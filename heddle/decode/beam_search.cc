#include "heddle/decode/beam_search.h"

#include <algorithm>

#include "heddle/base/error.h"
#include "heddle/base/thread_loop.h"
#include "heddle/decode/best_extensions.h"

namespace heddle::decode {
namespace {

struct Live {
  int32_t row = -1;  // in the last step
  double log_probability = 0;
  std::vector<int32_t> tokens;
  std::vector<double> attended;  // attention per source position, summed over the tokens
};

// The live hypotheses of one sequence. Places are reused from step to step, with their memory.
class Beam {
 public:
  void clear() { count_ = 0; }
  Live& add() {
    if (count_ == places_.size()) places_.emplace_back();
    return places_[count_++];
  }
  void remove_last() { --count_; }
  std::span<Live> live() { return {places_.data(), count_}; }
  std::span<const Live> live() const { return {places_.data(), count_}; }

 private:
  std::vector<Live> places_;
  size_t count_ = 0;
};

// One input sequence: its live hypotheses and the best of those that ended.
struct Search {
  int32_t sequence;
  int64_t longest;
  Beam beam;
  std::vector<Hypothesis> kept;  // best first, at most `nbest`
  int64_t finished = 0;          // hypotheses that ended, kept or not
  bool done = false;
};

class BeamSearch {
 public:
  BeamSearch(StepModel& model, const BeamOptions& options);
  std::vector<std::vector<Hypothesis>> run();

 private:
  // What a thread needs to take one search a step further.
  struct Bench {
    BestExtensions extensions;
    Beam next;  // where the next beam grows, then swapped with the old one
  };

  bool gather_rows();
  void advance(Search& search, int64_t length, Bench& bench);
  void note_attention(Search& search);
  void rank_extensions(const Search& search, BestExtensions& extensions);
  void follow_extensions(Search& search, Bench& bench);
  void cut(Search& search);
  void keep(Search& search, const Live& live, bool finished);
  bool cannot_improve(const Search& search, int64_t length) const;
  std::span<float> row_of(const Live& live);

  StepModel& model_;
  const BeamOptions& options_;
  const std::vector<ScoreProcessor> processors_;
  const HypothesisScore score_;
  std::vector<Search> searches_;
  std::vector<StepModel::Row> rows_;
  std::span<float> log_probabilities_;  // [rows, vocab]
  std::vector<Bench> benches_;          // of each thread
};

BeamSearch::BeamSearch(StepModel& model, const BeamOptions& options)
    : model_(model),
      options_(options),
      processors_(score_chain(options)),
      score_{options.length_penalty, options.alpha, options.coverage},
      benches_(static_cast<size_t>(thread_count())) {
  check(options, model);
  if (options.beam < 1) fail_input("the beam must be at least 1, got {}", options.beam);
  if (options.nbest < 1 || options.nbest > options.beam)
    fail_input("nbest = {} must lie between 1 and the beam of {}", options.nbest, options.beam);
  if (options.coverage != 0 && !model.keep_attention())
    fail_input("a coverage penalty needs a model with attention over a source; set the coverage to 0 for this one");
  for (int64_t s = 0; s < model.sequences(); ++s) {
    Search& search = searches_.emplace_back();
    search.sequence = static_cast<int32_t>(s);
    search.longest = longest_answer(options, model, s);
    search.beam.add();
  }
}

std::vector<std::vector<Hypothesis>> BeamSearch::run() {
  for (int64_t length = 1; gather_rows(); ++length) {
    log_probabilities_ = model_.step(rows_);
    parallel_for(std::ssize(searches_), 8, [&](int64_t begin, int64_t end, int lane) {
      for (Search& search : std::span(searches_).subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin)))
        if (!search.done) advance(search, length, benches_[static_cast<size_t>(lane)]);
    });
  }
  std::vector<std::vector<Hypothesis>> results;
  for (Search& search : searches_) results.push_back(std::move(search.kept));
  return results;
}

// The rows of the next step; false when every sequence is done.
bool BeamSearch::gather_rows() {
  rows_.clear();
  for (Search& search : searches_) {
    if (search.done) continue;
    for (Live& live : search.beam.live()) {
      const int32_t token = live.tokens.empty() ? options_.start_token : live.tokens.back();
      rows_.push_back({live.row, token, search.sequence});
      live.row = static_cast<int32_t>(rows_.size()) - 1;
    }
  }
  return !rows_.empty();
}

// Takes one sequence from hypotheses of length - 1 tokens to those of `length`.
void BeamSearch::advance(Search& search, int64_t length, Bench& bench) {
  note_attention(search);
  for (const Live& live : search.beam.live()) apply(processors_, live.tokens, row_of(live));
  rank_extensions(search, bench.extensions);
  if (bench.extensions.sorted().empty()) return cut(search);
  follow_extensions(search, bench);
  if (length >= search.longest) return cut(search);
  search.done = search.beam.live().empty() || cannot_improve(search, length);
}

void BeamSearch::note_attention(Search& search) {
  if (options_.coverage == 0) return;
  for (Live& live : search.beam.live()) {
    const std::span<const float> weights = model_.attention(live.row);
    live.attended.resize(weights.size());
    for (size_t i = 0; i < weights.size(); ++i) live.attended[i] += static_cast<double>(weights[i]);
  }
}

// The best 2·beam extensions: even if `beam` of them end, `beam` live ones remain.
void BeamSearch::rank_extensions(const Search& search, BestExtensions& extensions) {
  extensions.clear(2 * static_cast<size_t>(options_.beam));
  int32_t parent = 0;
  for (const Live& live : search.beam.live()) extensions.offer(live.log_probability, parent++, row_of(live));
}

// Extensions, best first, become the next beam or end. An ending counts only among the best `beam`
// extensions, as if it had to hold its place in the beam.
void BeamSearch::follow_extensions(Search& search, Bench& bench) {
  Beam& next = bench.next;
  next.clear();
  int64_t rank = 0;
  for (const Extension& extension : bench.extensions.sorted()) {
    if (std::ssize(next.live()) == options_.beam) break;
    const bool ends = extension.token == options_.end_token;
    if (rank++ >= options_.beam && ends) continue;
    const Live& parent = search.beam.live()[static_cast<size_t>(extension.parent)];
    Live& grown = next.add();
    grown.row = parent.row;
    grown.log_probability = extension.log_probability;
    grown.tokens = parent.tokens;
    grown.tokens.push_back(extension.token);
    grown.attended = parent.attended;
    if (!ends) continue;
    keep(search, grown, true);
    next.remove_last();
  }
  std::swap(search.beam, next);
}

// The end of a sequence whose hypotheses may not grow further, or cannot.
void BeamSearch::cut(Search& search) {
  for (const Live& live : search.beam.live()) keep(search, live, false);
  search.done = true;
}

void BeamSearch::keep(Search& search, const Live& live, bool finished) {
  search.finished += finished ? 1 : 0;
  const double score = score_(live.log_probability, std::ssize(live.tokens), live.attended);
  const auto better = [](const Hypothesis& a, const Hypothesis& b) {
    return a.finished != b.finished ? a.finished : a.score > b.score;
  };
  Hypothesis hypothesis = {live.tokens, live.log_probability, score, finished};
  const auto place = std::ranges::upper_bound(search.kept, hypothesis, better);
  search.kept.insert(place, std::move(hypothesis));
  if (std::ssize(search.kept) > options_.nbest) search.kept.pop_back();
}

// Whether no live hypothesis can come among those kept.
bool BeamSearch::cannot_improve(const Search& search, int64_t length) const {
  if (options_.stop_early && search.finished >= options_.beam) return true;
  if (std::ssize(search.kept) < options_.nbest) return false;
  return std::ranges::all_of(search.beam.live(), [&](const Live& live) {
    return score_.bound(live.log_probability, length + 1, search.longest) <= search.kept.back().score;
  });
}

std::span<float> BeamSearch::row_of(const Live& live) {
  const auto vocab = static_cast<size_t>(model_.vocab_size());
  return {log_probabilities_.data() + static_cast<size_t>(live.row) * vocab, vocab};
}

}  // namespace

std::vector<std::vector<Hypothesis>> beam_search(StepModel& model, const BeamOptions& options) {
  return BeamSearch(model, options).run();
}

}  // namespace heddle::decode
