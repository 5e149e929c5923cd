#include "heddle/decode/beam_search.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "heddle/base/error.h"

namespace heddle::decode {
namespace {

struct Live {
  int32_t row;  // in the last step
  std::vector<int32_t> tokens;
  double log_probability;
  std::vector<double> attended;  // summed attention per source position
};

struct Extension {
  double log_probability;
  int32_t parent;  // index among the sequence's live hypotheses
  int32_t token;

  // Better first.
  bool operator<(const Extension& other) const {
    if (log_probability != other.log_probability) return log_probability > other.log_probability;
    return parent != other.parent ? parent < other.parent : token < other.token;
  }
};

// One input sequence: its live hypotheses and those that ended.
struct Search {
  int32_t sequence;
  int64_t longest;
  std::vector<Live> live;
  std::vector<Hypothesis> kept;  // best first, at most `beam`
  bool done = false;
};

class BeamSearch {
 public:
  BeamSearch(StepModel& model, const BeamOptions& options) : model_(model), options_(options) {
    if (options.beam < 1) fail_input("the beam must be at least 1, got {}", options.beam);
    if (options.nbest < 1 || options.nbest > options.beam)
      fail_input("nbest = {} must lie between 1 and the beam of {}", options.nbest, options.beam);
    forbidden_.assign(static_cast<size_t>(model.vocab_size()), false);
    for (int32_t token : options.forbidden)
      if (token >= 0 && token < model.vocab_size()) forbidden_[static_cast<size_t>(token)] = true;
    for (int64_t s = 0; s < model.sequences(); ++s) {
      const double relative = options.max_factor * static_cast<double>(model.source_length(s));
      const int64_t longest = std::min<int64_t>(options.max_length, static_cast<int64_t>(relative) + options.max_extra);
      searches_.push_back({static_cast<int32_t>(s), std::max<int64_t>(1, longest), {}, {}, false});
      searches_.back().live.push_back({-1, {}, 0.0, {}});
    }
  }

  std::vector<std::vector<Hypothesis>> run() {
    for (int64_t length = 1; gather_rows(); ++length) {
      log_probabilities_.resize(rows_.size() * static_cast<size_t>(model_.vocab_size()));
      model_.step(rows_, log_probabilities_.data());
      for (Search& search : searches_)
        if (!search.done) advance(search, length);
    }
    std::vector<std::vector<Hypothesis>> results;
    for (Search& search : searches_) {
      if (std::ssize(search.kept) > options_.nbest) search.kept.resize(static_cast<size_t>(options_.nbest));
      results.push_back(std::move(search.kept));
    }
    return results;
  }

 private:
  // The rows of the next step; false when every sequence is done.
  bool gather_rows() {
    rows_.clear();
    for (Search& search : searches_) {
      if (search.done) continue;
      for (Live& live : search.live) {
        const int32_t token = live.tokens.empty() ? options_.start_token : live.tokens.back();
        rows_.push_back({live.row, token, search.sequence});
        live.row = static_cast<int32_t>(rows_.size()) - 1;
      }
    }
    return !rows_.empty();
  }

  void advance(Search& search, int64_t length) {
    note_attention(search);
    collect_extensions(search, length);
    std::vector<Live> next;
    int rank = 0;
    for (const Extension& extension : extensions_) {
      if (std::ssize(next) == options_.beam) break;
      const bool ends = extension.token == options_.end_token;
      // An ending counts only among the best `beam` extensions, as if it stayed in the beam.
      if (rank++ >= options_.beam && ends) continue;
      Live grown = search.live[static_cast<size_t>(extension.parent)];
      grown.tokens.push_back(extension.token);
      grown.log_probability = extension.log_probability;
      if (ends) keep(search, grown, true);
      else next.push_back(std::move(grown));
    }
    search.live = std::move(next);
    if (length >= search.longest) {
      if (search.kept.empty())
        for (const Live& live : search.live) keep(search, live, false);
      search.done = true;
    }
    search.done = search.done || search.live.empty() || cannot_improve(search);
  }

  void note_attention(Search& search) {
    if (options_.coverage == 0) return;
    for (Live& live : search.live) {
      const std::span<const float> weights = model_.attention(live.row);
      if (weights.empty()) fail_input("a coverage penalty needs a model with attention over a source; set decode.coverage to 0");
      live.attended.resize(weights.size());
      for (size_t i = 0; i < weights.size(); ++i) live.attended[i] += static_cast<double>(weights[i]);
    }
  }

  // The best 2·beam ways to go on: even if `beam` of them end, `beam` live ones remain.
  void collect_extensions(const Search& search, int64_t length) {
    extensions_.clear();
    const auto most = static_cast<size_t>(2 * options_.beam);
    const int32_t vocab = model_.vocab_size();
    for (size_t p = 0; p < search.live.size(); ++p) {
      const Live& live = search.live[p];
      const float* row = log_probabilities_.data() + static_cast<int64_t>(live.row) * vocab;
      double worst = extensions_.size() < most ? -std::numeric_limits<double>::infinity() : extensions_.back().log_probability;
      for (int32_t token = 0; token < vocab; ++token) {
        const double total = live.log_probability + static_cast<double>(row[token]);
        if (!(total > worst) || forbidden_[static_cast<size_t>(token)]) continue;
        if (token == options_.end_token && length <= options_.min_length) continue;
        insert({total, static_cast<int32_t>(p), token}, most);
        if (extensions_.size() == most) worst = extensions_.back().log_probability;
      }
    }
  }

  void insert(const Extension& extension, size_t most) {
    const auto place = std::upper_bound(extensions_.begin(), extensions_.end(), extension);
    extensions_.insert(place, extension);
    if (extensions_.size() > most) extensions_.pop_back();
  }

  double penalty(double length) const {
    switch (options_.length_penalty) {
      case LengthPenalty::none: return 1.0;
      case LengthPenalty::average: return length;
      case LengthPenalty::wu: return std::pow((5.0 + length) / 6.0, options_.alpha);
    }
    return 1.0;
  }

  double score(const Live& live) const {
    double covered = 0;
    for (double attended : live.attended) covered += std::log(std::clamp(attended, 1e-9, 1.0));
    return live.log_probability / penalty(static_cast<double>(live.tokens.size())) + options_.coverage * covered;
  }

  void keep(Search& search, const Live& live, bool finished) {
    Hypothesis hypothesis = {live.tokens, live.log_probability, score(live), finished};
    const auto better = [](const Hypothesis& a, const Hypothesis& b) { return a.score > b.score; };
    search.kept.insert(std::upper_bound(search.kept.begin(), search.kept.end(), hypothesis, better), std::move(hypothesis));
    if (std::ssize(search.kept) > options_.beam) search.kept.pop_back();
  }

  // Whether no live hypothesis can reach the kept ones. Log-probabilities only fall, and a penalty that
  // grows with length can lift a score at most to its value at the longest length.
  bool cannot_improve(const Search& search) const {
    if (std::ssize(search.kept) < options_.beam) return false;
    if (options_.stop_early) return true;
    const double worst = search.kept.back().score;
    const double largest_penalty = std::max(penalty(static_cast<double>(search.longest)), penalty(1.0));
    return std::ranges::all_of(search.live, [&](const Live& live) {
      return live.log_probability / largest_penalty <= worst;
    });
  }

  StepModel& model_;
  const BeamOptions& options_;
  std::vector<bool> forbidden_;
  std::vector<Search> searches_;
  std::vector<StepModel::Row> rows_;
  std::vector<float> log_probabilities_;
  std::vector<Extension> extensions_;
};

}  // namespace

std::vector<std::vector<Hypothesis>> beam_search(StepModel& model, const BeamOptions& options) {
  return BeamSearch(model, options).run();
}

}  // namespace heddle::decode
