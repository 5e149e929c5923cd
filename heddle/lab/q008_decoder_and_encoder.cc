// Row 8: how do decoder and encoder depend on each other? (Vaswani et al. 2017, sections 3.1 and 3.2.3)
//
// A small translator is trained; then what flows from the encoder to the decoder is zeroed, exchanged between
// sentences, cut short or put in another order, and what the decoder has written itself is scrambled.

#include <cmath>
#include <memory>
#include <numeric>

#include "heddle/decode/beam_search.h"
#include "heddle/lab/influence.h"
#include "heddle/lab/learner.h"
#include "heddle/lab/linear_probe.h"
#include "heddle/lab/tasks/toy_translation.h"
#include "heddle/lab/trial.h"
#include "heddle/nn/hooks.h"
#include "heddle/task/transformer_steps.h"

namespace heddle::lab {
namespace {

constexpr ToyLanguage kLanguage = {.least_pairs = 2, .most_pairs = 4};
constexpr int kLayers = 2, kHeads = 4;

std::unique_ptr<Learner> trained(const Trial& trial, const std::string& kind, double from) {
  train::TrainConfig training = small_training(trial.setting("learning_rate"));
  training.schedule = "linear";
  training.max_steps = trial.count("steps");
  auto learner =
      std::make_unique<Learner>(small_model(kind, ToyLanguage::vocab(), 48, kLayers, kHeads), training, trial.seed());
  RandomStream random = trial.random("sentences");
  const int64_t steps = trial.null() ? 0 : trial.count("steps");  // the null experiment: random weights
  for (int64_t step = 0; step < steps; ++step) {
    learner->step(toy_translations(kLanguage, random, 32).tokens);
    trial.progress(from + 0.45 * static_cast<double>(step) / static_cast<double>(steps));
  }
  return learner;
}

// Rows of encoder states, sentence after sentence, chosen for each sentence from its own.
struct Memory {
  Tensor states;
  data::PackedSequences sequences;
};

template <class Choose>
Memory rearranged(const Tensor& states, const data::PackedSequences& source, Choose&& choose) {
  Memory memory;
  std::vector<int64_t> rows;
  for (int64_t s = 0; s < source.sequences(); ++s) {
    std::vector<int32_t> places(source.sequence(s).size());
    std::iota(places.begin(), places.end(), 0);
    choose(places);
    memory.sequences.add(s, places);
    for (const int32_t place : places) rows.push_back(source.offsets[static_cast<size_t>(s)] + place);
  }
  memory.states = Tensor::zeros({std::ssize(rows), states.width()}, states.dtype());
  for (int64_t r = 0; r < std::ssize(rows); ++r)
    copy_into(states.row_range(rows[static_cast<size_t>(r)], rows[static_cast<size_t>(r)] + 1),
              memory.states.row_range(r, r + 1));
  return memory;
}

// -log p per target token of a decoder that is given these encoder states.
double loss_given(const Learner& learner, const data::TranslationBatch& batch, const Tensor& memory,
                  const Rows& memory_rows) {
  const nn::Pass pass = learner.pass(false);
  const Rows rows = batch.target_in.rows();
  const Tensor states = learner.model().decode(pass, {batch.target_in.ids, rows}, memory, memory_rows);
  const ops::OutputLoss loss = learner.model().loss(pass, states, batch.target_out.ids, rows, {});
  return loss.nll_sum / static_cast<double>(loss.tokens);
}

void measure_dependence(Trial& trial, const Learner& learner, const Learner& alone, const ToyTranslations& unseen) {
  const data::TranslationBatch& batch = unseen.tokens;
  const Tensor states = learner.encode(batch.source);
  const double plain = loss_given(learner, batch, states, batch.source.rows());
  const auto note = [&](const std::string& name, double loss) {
    trial.cell({"Loss (nats per token) when", "以下情形的损失（奈特/词元）"}, name, "loss", loss);
    trial.figure("cost_" + name, loss - plain);
  };
  trial.figure("loss_above_entropy", plain - unseen.entropy);
  note("nothing_changed", plain);
  note("states_zeroed", loss_given(learner, batch, Tensor::zeros(states.shape(), states.dtype()), batch.source.rows()));

  data::PackedSequences others;  // the next sentence's source
  for (int64_t s = 0; s < batch.source.sequences(); ++s)
    others.add(s, batch.source.sequence((s + 1) % batch.source.sequences()));
  note("states_of_another_sentence", loss_given(learner, batch, learner.encode(others), others.rows()));

  RandomStream random = trial.random("order");
  const Memory mixed =
      rearranged(states, batch.source, [&](std::vector<int32_t>& places) { shuffle(std::span(places), random); });
  note("states_in_another_order", loss_given(learner, batch, mixed.states, mixed.sequences.rows()));
  for (const double kept : {0.25, 0.5, 0.75, 1.0}) {
    const Memory first = rearranged(states, batch.source, [&](std::vector<int32_t>& places) {
      places.resize(static_cast<size_t>(std::ceil(kept * static_cast<double>(places.size()))));
    });
    const double loss = loss_given(learner, batch, first.states, first.sequences.rows());
    if (kept == 0.5) note("states_cut_to_half", loss);
    trial.point({"Loss by the share of encoder states that is left", "损失与保留的编码器状态比例"},
                {"share", "nats per token", false, false}, "states cut", kept, loss);
  }
  data::TranslationBatch scrambled = batch;  // the words before the one to predict
  for (int32_t& id : scrambled.target_in.ids)
    if (ToyLanguage::is_target_word(id))
      id = ToyLanguage::target_noun(0, 0) + static_cast<int32_t>(random.below(static_cast<uint64_t>(
                                                ToyLanguage::vocab() - ToyLanguage::target_noun(0, 0))));
  note("own_words_scrambled", loss_given(learner, scrambled, states, batch.source.rows()));
  note("trained_without_encoder", alone.loss(batch));
}

// What a linear map reads from the encoder's states: the word at the place, and at adjectives the gender of the noun
// after it.
void measure_states(Trial& trial, const Learner& learner, const data::PackedSequences& source) {
  std::vector<int32_t> words, genders;
  std::vector<double> states, adjectives, embedded_adjectives;
  const std::vector<double> all = numbers_of(learner.encode(source));
  const nn::Pass pass = learner.pass(false);
  const std::vector<double> embedded =
      numbers_of(learner.model().target_embedding().forward(pass, source.ids, source.rows()));  // the shared table
  const auto width = static_cast<int64_t>(all.size()) / source.tokens();
  for (int64_t r = 0; r < source.tokens(); ++r) {
    const int32_t id = source.ids[static_cast<size_t>(r)];
    words.push_back(id - ToyLanguage::source_adjective(0));
    if (id >= ToyLanguage::source_noun(0)) continue;
    genders.push_back((source.ids[static_cast<size_t>(r) + 1] - ToyLanguage::source_noun(0)) % 2);
    adjectives.insert(adjectives.end(), all.begin() + r * width, all.begin() + (r + 1) * width);
    embedded_adjectives.insert(embedded_adjectives.end(), embedded.begin() + r * width,
                               embedded.begin() + (r + 1) * width);
  }
  RandomStream random = trial.random("shuffled answers");
  if (trial.null()) shuffle(std::span(words), random), shuffle(std::span(genders), random);
  const auto readable = [&](const std::string& name, std::span<const double> rows, std::span<const int32_t> answers) {
    const size_t half = answers.size() / 2, cut = half * static_cast<size_t>(width);
    const double share =
        LinearProbe(rows.first(cut), answers.first(half)).accuracy(rows.subspan(cut), answers.subspan(half));
    trial.figure("probe_" + name, share);
    trial.cell({"What a linear probe reads from the encoder", "线性探针从编码器读出的内容"}, name, "right", share);
    return share;
  };
  readable("own_word", all, words);
  const double known = readable("gender_of_the_next_word", adjectives, genders);
  trial.figure("probe_gain_over_embeddings",
               known - readable("gender_of_the_next_word_from_embeddings", embedded_adjectives, genders));
}

using Maps = std::array<std::vector<Matrix>, kLayers>;  // by layer and sentence: [target place][source place]

// Cross-attention weights, mean over the heads.
Maps cross_weights(const Learner& learner, const data::TranslationBatch& batch) {
  Maps maps;
  nn::Hooks hooks;
  for (size_t layer = 0; layer < kLayers; ++layer) {
    maps[layer].resize(static_cast<size_t>(batch.source.sequences()));
    hooks.weights(fmt::format("decoder.layers.{}.cross_attention", layer), [&maps, layer](const nn::AttentionMap& map) {
      Matrix& mean = maps[layer][static_cast<size_t>(map.sequence)];
      mean.resize(static_cast<size_t>(map.rows), std::vector<double>(static_cast<size_t>(map.columns)));
      for (int64_t i = 0; i < map.rows; ++i)
        for (int64_t j = 0; j < map.columns; ++j)
          mean[static_cast<size_t>(i)][static_cast<size_t>(j)] += map.at(i, j) / kHeads;
    });
  }
  learner.states(batch, &hooks);
  return maps;
}

// Whether each word looks most at the source word that it translates, and how far the weights move from word to word.
void measure_alignment(Trial& trial, const Learner& learner, const ToyTranslations& unseen) {
  const Maps maps = cross_weights(learner, unseen.tokens);
  double aligned_best = 0, moved_most = 0;
  for (size_t layer = 0; layer < kLayers; ++layer) {
    double aligned = 0, moved = 0, words = 0;
    size_t token = 0;
    for (const Matrix& sentence : maps[layer])
      for (size_t i = 0; i < sentence.size(); ++i) {
        const int32_t place = unseen.places[token++];
        if (place < 0) continue;  // the end, which translates nothing and which no word follows
        ++words;
        aligned += std::ranges::max_element(sentence[i]) - sentence[i].begin() == place;
        for (size_t j = 0; j < sentence[i].size(); ++j) moved += std::abs(sentence[i + 1][j] - sentence[i][j]) / 2;
      }
    const Bilingual table = {"Attention over the source", "对源句的注意力"};
    trial.cell(table, fmt::format("layer {}", layer), "looks most at the word it translates", aligned / words);
    trial.cell(table, fmt::format("layer {}", layer), "share of the weight that moves by the next word", moved / words);
    aligned_best = std::max(aligned_best, aligned / words);
    moved_most = std::max(moved_most, moved / words);
  }
  trial.figure("aligned_in_the_better_layer", aligned_best);
  trial.figure("weight_moved_by_the_next_word", moved_most);
}

std::vector<std::string> words_of(std::span<const int32_t> ids) {
  std::vector<std::string> words;
  for (const int32_t id : ids) words.push_back(ToyLanguage::word(id));
  return words;
}

std::string joined(std::span<const int32_t> ids) {
  std::string text;
  for (const std::string& word : words_of(ids)) text += (text.empty() ? "" : " ") + word;
  return text;
}

// Translates from the start token alone; which are right, whatever the register, where they look, and what comes out.
void measure_translation(Trial& trial, const Learner& learner, const ToyTranslations& unseen) {
  const data::TranslationBatch& batch = unseen.tokens;
  std::vector<std::vector<int32_t>> sources;
  for (int64_t s = 0; s < batch.source.sequences(); ++s)
    sources.emplace_back(batch.source.sequence(s).begin(), batch.source.sequence(s).end());
  task::TransformerSteps steps(learner.model(), learner.pass(false), sources);
  decode::BeamOptions greedy;
  greedy.beam = 1;
  const auto found = decode::beam_search(steps, greedy);
  double right = 0, ended = 0;
  data::TranslationBatch written;
  for (size_t s = 0; s < sources.size(); ++s) {
    const decode::Hypothesis& best = found[s][0];
    const auto wanted = batch.target_out.sequence(static_cast<int64_t>(s));
    right += std::ranges::equal(best.tokens, wanted, {}, ToyLanguage::without_register, ToyLanguage::without_register) /
             static_cast<double>(sources.size());
    ended += best.finished / static_cast<double>(sources.size());
    written.source.add(static_cast<int64_t>(s), sources[s]);
    written.target_in.add_shifted(static_cast<int64_t>(s), ToyLanguage::kStart, best.tokens);
    written.target_out.add(static_cast<int64_t>(s), best.tokens);
    if (s < 3)
      trial.sample({fmt::format("Translation {}", s + 1), fmt::format("译文 {}", s + 1)},
                   joined(sources[s]) + "  →  " + joined(best.tokens));
  }
  trial.figure("translated_right", right);
  trial.figure("ended", ended);

  // The states that the output layer is given, against the embeddings of the words that were chosen.
  const std::vector<double> states = numbers_of(learner.states(written)),
                            table = numbers_of(learner.weights().of(learner.model().target_embedding().table()));
  const size_t width = states.size() / written.target_out.ids.size();
  double sum = 0;
  for (size_t r = 0; r < written.target_out.ids.size(); ++r)
    sum += cosine(std::span(states).subspan(r * width, width),
                  std::span(table).subspan(static_cast<size_t>(written.target_out.ids[r]) * width, width));
  trial.figure("cosine_of_state_and_word", sum / static_cast<double>(written.target_out.ids.size()));

  const Maps of_written = cross_weights(learner, written);
  for (size_t layer = 0; layer < kLayers; ++layer)
    trial.heatmap({{fmt::format("Where layer {} looks in the source (columns) for each word it writes", layer),
                    fmt::format("第 {} 层写每个词时看源句（列）的何处", layer)},
                   words_of(written.target_out.sequence(0)),
                   words_of(sources[0]),
                   of_written[layer][0]});
}

void run(Trial& trial) {
  const auto learner = trained(trial, "encoder_decoder", 0), alone = trained(trial, "decoder_only", 0.45);
  RandomStream random = trial.random("unseen");
  const ToyTranslations unseen = toy_translations(kLanguage, random, trial.count("unseen"));
  measure_dependence(trial, *learner, *alone, unseen);
  measure_states(trial, *learner, unseen.tokens.source);
  measure_alignment(trial, *learner, unseen);
  measure_translation(trial, *learner, unseen);
}

}  // namespace

extern const Experiment q008;
const Experiment q008 = {
    .row = 8,
    .question = {"How do decoder and encoder depend on each other?", "解码器与编码器之间有怎样的依存关系？"},
    .prediction =
        {"The encoder needs only the source. The decoder needs both: with encoder states zeroed or of another sentence "
         "it is worse than a model that never had an encoder; their order is nothing to it, for they are read as a "
         "set. Its output is a distribution over words, not a row of embeddings.",
         "编码器只需要源句。解码器两者都需要：状态置零或换成别的句子时，比从未有过编码器的模型还差；状态的先后次序无关"
         "紧要，因为它们被当作集合读取。输出是词的分布，而不是词嵌入序列。"},
    .scope = {"Two layers in each stack, width 48; toy sentences of 4 to 8 words: pairs swap, adjectives agree, one of "
              "two registers.",
              "编码器与解码器各两层，宽 48；4 到 8 个词的玩具句子：词对换位，形容词一致，两种语体之一。"},
    .literature = {{"With a deep encoder, a decoder of one layer translates nearly as well as one of many layers.",
                    "Kasai et al. 2021, Deep Encoder, Shallow Decoder"},
                   {"Cross-attention of a translator aligns less well than alignment models unless it is guided.",
                    "Garg et al. 2019, Jointly Learning to Align and Translate with Transformer Models"}},
    .settings = {{"steps", 3, 600, 1200, "optimizer steps of each of two models"},
                 {"unseen", 40, 300, 600, "sentences that everything is measured on"},
                 {"learning_rate", 0.003, 0.003, 0.003, "of the training"}},
    .quick_seconds = 40,
    .full_seconds = 150,
    .run = run,
    .file = __FILE__,
};

}  // namespace heddle::lab
