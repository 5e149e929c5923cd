// Row 66: what beam search finds, and what it misses (Lowerre 1976; Sutskever et al. 2014; against
// exact search, Stahlberg & Byrne 2019).
//
// Two models over short answers of six words: tables of random next-token probabilities, one for
// each input, and a Transformer trained on a small ambiguous language. Exact search gives the most
// probable answer; a search misses it when it returns a less probable one. Variants of the search
// show which of its parts carry it.

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/ranges.h>

#include "heddle/decode/beam_search.h"
#include "heddle/decode/exact_search.h"
#include "heddle/decode/table_model.h"
#include "heddle/lab/learner.h"
#include "heddle/lab/search_variants.h"
#include "heddle/lab/tasks/phrase_translation.h"
#include "heddle/lab/trial.h"
#include "heddle/task/transformer_steps.h"

namespace heddle::lab {
namespace {

using decode::TableModel;
using Tables = std::vector<std::vector<float>>;
constexpr int32_t kWords = 6, kStart = PhraseTranslation::kStart, kEnd = PhraseTranslation::kEnd, kVocab = kWords + 2;
constexpr int64_t kLongest = 6;                               // tokens of a table's answer, its end included
constexpr double kPrefixes = 1 + 6 + 36 + 216 + 1296 + 7776;  // all that a table can be asked to continue

template <class Options>
Options search_options(int64_t longest, int32_t end = kEnd) {
  Options options;
  options.start_token = kStart;
  options.end_token = end;
  options.forbidden = {kStart};
  if (end < 0) options.forbidden.push_back(kEnd);
  options.max_factor = 0;
  options.max_extra = longest;
  options.length_penalty = decode::LengthPenalty::none;
  return options;
}

// A model whose answers are searched in `guide` and judged in `truth`: the same, but in the null
// experiment, where every search is guided by the model of another input.
struct Searched {
  decode::StepModel& guide;
  decode::StepModel& truth;
  int64_t longest;
  int32_t end = kEnd;
  std::vector<double> best{};  // log p of every input's most probable answer
  double exact_cost = 0;       // prefixes followed to find it

  void find_best() {
    CountingModel counting(truth);
    for (const decode::Hypothesis& answer :
         decode::exact_search(counting, search_options<decode::ExactOptions>(longest, end)))
      best.push_back(answer.log_probability);
    exact_cost = counting.prefixes_each();
  }
  std::vector<decode::Hypothesis> beam(decode::StepModel& model, int beam) const {
    auto options = search_options<decode::BeamOptions>(longest, end);
    options.beam = beam;
    std::vector<decode::Hypothesis> found;
    for (const auto& answers : decode::beam_search(model, options)) found.push_back(answers[0]);
    return found;
  }
  // The share of inputs whose answer has not ended or is less probable than the best one.
  double misses(const std::vector<Answer>& answers) const {
    const std::vector<double> scores = log_probability_of(truth, kStart, answers);
    double missed = 0;
    for (size_t s = 0; s < answers.size(); ++s)
      missed += answers[s].empty() || (end >= 0 && answers[s].back() != end) || scores[s] < best[s] - 1e-4;
    return missed / static_cast<double>(answers.size());
  }
  double misses(int beam_width) const { return misses(tokens_of(beam(guide, beam_width))); }
  double misses(SearchVariant variant, int beam_width, RandomStream& random) const {
    std::vector<Answer> answers;
    for (int32_t s = 0; s < guide.sequences(); ++s)
      answers.push_back(search_variant(guide, s, {kStart, kEnd, longest, beam_width}, variant, random));
    return misses(answers);
  }
  static std::vector<Answer> tokens_of(const std::vector<decode::Hypothesis>& found) {
    std::vector<Answer> answers;
    for (const decode::Hypothesis& one : found) answers.push_back(one.tokens);
    return answers;
  }
};

// Random tables in which `order` tokens are looked back at; order 0: every step is the same,
// whatever came before.
Tables random_tables(int64_t inputs, int order, double spread, RandomStream& random) {
  Tables tables;
  for (int64_t i = 0; i < inputs; ++i) {
    tables.push_back(TableModel::random_table(kVocab, std::max(order, 1), spread, random));
    for (size_t at = kVocab; order == 0 && at < tables.back().size(); ++at)
      tables.back()[at] = tables.back()[at - kVocab];
  }
  return tables;
}

Tables of_the_next_input(Tables tables, bool really) {
  if (really) std::ranges::rotate(tables, tables.begin() + 1);
  return tables;
}

// Beams of several widths: their misses and what they cost.
void compare_beams(Trial& trial, Searched& searched, const std::string& model) {
  const Bilingual cost = {"Prefixes followed for each input", "每个输入所展开的前缀数"};
  std::map<int, double> missed;
  for (const int beam : {1, 2, 4, 8}) {
    CountingModel counting(searched.guide);
    missed[beam] = searched.misses(Searched::tokens_of(searched.beam(counting, beam)));
    trial.figure(fmt::format("miss_{}_beam_{}", model, beam), missed[beam]);
    trial.cell({"Share of inputs whose most probable answer is missed", "未找到最可能答案的输入比例"}, model,
               fmt::format("beam {}", beam), missed[beam]);
    trial.cell(cost, model, fmt::format("beam {}", beam), counting.prefixes_each());
    if (model == "table" && beam == 4) trial.figure("prefixes_followed_beam_4", counting.prefixes_each() / kPrefixes);
  }
  trial.cell(cost, model, "exact", searched.exact_cost);
  trial.figure(fmt::format("fewer_misses_{}_beam_4", model), missed[1] - missed[4]);
}

void search_tables(Trial& trial) {
  RandomStream random = trial.random("tables");
  const int64_t inputs = trial.count("inputs");
  const double spread = trial.setting("spread");
  const auto with = [&](int64_t count, int order, double certainty, int64_t longest, int32_t end, const auto& use) {
    const Tables tables = random_tables(count, order, certainty, random);
    TableModel truth(kVocab, std::max(order, 1), tables),
        guide(kVocab, std::max(order, 1), of_the_next_input(tables, trial.null()));
    Searched searched{guide, truth, longest, end};
    searched.find_best();
    use(searched);
  };
  with(inputs, 2, spread, kLongest, kEnd, [&](Searched& searched) {
    compare_beams(trial, searched, "table");
    double complete = 0;
    for (const decode::Hypothesis& one : searched.beam(searched.guide, 4))
      complete += (one.finished == (one.tokens.back() == kEnd)) && (one.finished || std::ssize(one.tokens) == kLongest);
    trial.figure("complete_share", complete / static_cast<double>(inputs));
    trial.figure("prefixes_followed_exact", searched.exact_cost / kPrefixes);
    trial.progress(0.3);
    const double plain = searched.misses(SearchVariant::whole_prefix, 4, random);
    trial.figure("miss_whole_prefix", plain);
    trial.figure("extra_miss_step_ranking", searched.misses(SearchVariant::this_step, 4, random) - plain);
    trial.figure("extra_miss_sampled", searched.misses(SearchVariant::sampled, 4, random) - plain);
    trial.figure("extra_miss_first_end", searched.misses(SearchVariant::first_end, 4, random) - plain);
  });
  trial.progress(0.4);
  with(std::min<int64_t>(inputs, 20), 2, spread, kLongest, kEnd,
       [&](Searched& searched) { trial.figure("miss_table_beam_all", searched.misses(6 * 7776)); });
  trial.progress(0.5);
  with(inputs, 0, spread, 4, -1,
       [&](Searched& searched) { trial.figure("miss_greedy_independent", searched.misses(1)); });
  with(inputs, 1, spread, kLongest, kEnd, [&](Searched& searched) {
    trial.figure("miss_order_one_beam_6", searched.misses(kWords));
    trial.figure("miss_dynamic_programming", searched.misses(SearchVariant::by_state, 0, random));
  });
  for (const double certainty : {0.5, 1.0, 2.0, 4.0})
    with(inputs, 2, certainty, kLongest, kEnd, [&](Searched& searched) {
      for (const int beam : {1, 2, 4, 8, 16})
        trial.point({"Misses by beam and by how certain the tables are", "按束宽与概率表确定程度的未命中比例"},
                    {"beam", "share missed", true, false}, fmt::format("spread {}", certainty), beam,
                    searched.misses(beam));
    });
  trial.progress(0.6);
}

// The first source for which greedy search misses.
void show_a_miss(Trial& trial, const Searched& searched, const std::vector<Answer>& sources) {
  const std::vector<decode::Hypothesis> greedy = searched.beam(searched.guide, 1);
  const auto exact = decode::exact_search(searched.truth, search_options<decode::ExactOptions>(searched.longest));
  for (size_t s = 0; s < sources.size(); ++s)
    if (greedy[s].log_probability < exact[s].log_probability - 1e-4)
      return trial.sample(
          {"Greedy search misses", "贪心搜索的一次未命中"},
          fmt::format("source {}\ngreedy {}: p = {:.3f}\nbest {}: p = {:.3f}", fmt::join(sources[s], " "),
                      fmt::join(greedy[s].tokens, " "), std::exp(greedy[s].log_probability),
                      fmt::join(exact[s].tokens, " "), std::exp(exact[s].log_probability)));
}

void search_transformer(Trial& trial) {
  RandomStream random = trial.random("language");
  const int64_t length = trial.count("words"), steps = trial.count("train_steps"), inputs = trial.count("sources");
  const PhraseTranslation language(kWords, 4, 0.5, random);
  Learner learner(small_model("encoder_decoder", language.vocab(), 32, 1, 4), small_training(3e-3), trial.seed());
  for (int64_t step = 0; step < steps; ++step) {
    learner.step(language.batch(64, length, random));
    trial.progress(0.6 + 0.3 * static_cast<double>(step) / static_cast<double>(steps));
  }
  std::vector<Answer> sources, others;
  for (int64_t i = 0; i < inputs; ++i) sources.push_back(language.source(length, random));
  others = sources;
  if (trial.null()) std::ranges::rotate(others, others.begin() + 1);
  task::TransformerSteps truth(learner.model(), learner.pass(false), sources),
      guide(learner.model(), learner.pass(false), others);
  Searched searched{guide, truth, language.longest(length)};
  searched.find_best();
  compare_beams(trial, searched, "transformer");
  // The score of a search is the product of p(y_t | y_<t, s): judged by one pass over whole
  // answers, without a cache.
  const std::vector<decode::Hypothesis> found = searched.beam(guide, 4);
  data::TranslationBatch whole;
  double sum = 0;
  for (size_t s = 0; s < found.size(); ++s) {
    const auto example = static_cast<int64_t>(s);
    whole.source.add(example, sources[s]);
    whole.target_in.add_shifted(example, kStart, found[s].tokens);
    whole.target_out.add(example, found[s].tokens);
    sum += found[s].log_probability;
  }
  const double total = -learner.loss(whole) * static_cast<double>(whole.target_out.tokens());
  trial.figure("chain_rule_error", std::abs(total - sum) / static_cast<double>(inputs));
  show_a_miss(trial, searched, sources);
}

void run(Trial& trial) {
  search_tables(trial);
  search_transformer(trial);
}

}  // namespace

extern const Experiment q066;
const Experiment q066 = {
    .row = 66,
    .question = {"How does a Transformer use beam search, and when does it find the best sequence?",
                 "Transformer 如何使用束搜索，何时能找到最优序列？"},
    .prediction = {"Wider beams miss the most probable answer less often, but every narrow one "
                   "misses some: on random tables greedy misses about half, beam 8 a few "
                   "per cent. Candidates must be ranked by the whole prefix. Greedy is exact only "
                   "where the steps are independent, and the exact "
                   "dynamic programme keeps the best prefix of every state, not the best K of all.",
                   "束越宽，错过最可能答案的次数越少，但窄束总会错过一些：在随机概率表上贪心约错过"
                   "一半，束宽 8 约错过百分之几。候选必须按整个前缀排序。"
                   "只有各步相互独立时贪心才精确；精确的动态规划保留每个状态的最佳前缀，而不是总体"
                   "最好的 K 个。"},
    .scope = {"Answers of at most 6 tokens over 6 words from random tables that look back 2 "
              "tokens; a Transformer of width 32 with 1 + 1 layers that translates 4 "
              "words into at most 8. No length penalty.",
              "由回看 2 个词元的随机概率表产生的答案（6 个词，至多 6 个词元）；宽度 32、1+1 层的 "
              "Transformer 把 4 个词译成至多 8 个词。无长度惩罚。"},
    .literature = {{"On WMT English–German a beam of 10 misses the model's most probable translation for "
                    "more than half of the sentences, and that translation is empty for "
                    "about half of them.",
                    "Stahlberg & Byrne 2019, On NMT Search Errors and Model Errors: Cat Got Your Tongue?"},
                   {"Beam search prefers texts of evenly spread information, which maximising probability "
                    "alone does not.",
                    "Meister et al. 2020, If Beam Search Is the Answer, What Was the Question?"}},
    .settings = {{"inputs", 20, 300, 2000, "random tables for each comparison"},
                 {"spread", 1.5, 1.5, 1.5, "standard deviation of the tables' logits"},
                 {"train_steps", 5, 200, 400, "of the Transformer, 64 sentences each"},
                 {"sources", 10, 200, 1000, "sentences that the Transformer translates"},
                 {"words", 3, 4, 4, "of each sentence"}},
    .quick_seconds = 15,
    .full_seconds = 100,
    .run = run,
    .file = __FILE__,
};

}  // namespace heddle::lab
