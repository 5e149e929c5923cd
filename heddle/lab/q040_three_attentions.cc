// Row 40: what do the three attentions of an encoder and a decoder do? (Vaswani et al. 2017, section 3.2.3)
//
// A translator of a small language is trained whose words need, each kind of them, one thing more: plain words the
// source word itself, ambiguous ones another word of the source, the closing another word of the target. Then each
// attention is knocked out, in all layers: its output becomes zero. What is lost tells what it did. Models trained
// without it from the start tell whether something else could have done it.

#include <cmath>
#include <map>
#include <memory>
#include <vector>

#include "heddle/lab/learner.h"
#include "heddle/lab/tasks/agreement_translation.h"
#include "heddle/lab/trial.h"
#include "heddle/nn/hooks.h"

namespace heddle::lab {
namespace {

constexpr AgreementTranslation kLanguage;
constexpr int64_t kLayers = 2, kHeads = 4;
using Kind = AgreementTranslation::Kind;
using Batch = AgreementTranslation::Batch;

const std::vector<std::pair<std::string, std::string>> kAttentions = {
    {"encoder_self", "encoder.layers.{}.self_attention"},
    {"decoder_self", "decoder.layers.{}.self_attention"},
    {"cross", "decoder.layers.{}.cross_attention"}};
const std::vector<std::pair<std::string, Kind>> kKinds = {
    {"plain", Kind::plain}, {"ambiguous", Kind::ambiguous}, {"closing", Kind::closing}};

std::string name_in(const std::string& attention, int64_t layer, const char* part) {
  return fmt::format(fmt::runtime(attention), layer) + part;
}

nn::Hooks knock_out(const std::string& attention) {
  nn::Hooks hooks;
  for (int64_t layer = 0; layer < kLayers; ++layer) hooks.at(name_in(attention, layer, ".output"), nn::Hooks::zeros);
  return hooks;
}

// Cross-attention that takes the mean of all its values.
nn::Hooks even_cross_weights() {
  nn::Hooks hooks;
  for (int64_t layer = 0; layer < kLayers; ++layer)
    hooks.weights(name_in(kAttentions[2].second, layer, ""), [](const nn::AttentionMap& map) {
      std::ranges::fill(map.values, 1 / static_cast<double>(map.columns));
    });
  return hooks;
}

std::unique_ptr<Learner> train(Trial& trial, nn::Probe* probe, double begun) {
  model::ModelConfig config = small_model("encoder_decoder", kLanguage.vocab(), 64, kLayers, kHeads);
  config.layer.ffn = 128;
  auto learner = std::make_unique<Learner>(config, small_training(2e-3), trial.seed());
  RandomStream random = trial.random("training");
  const int64_t steps = trial.count("steps");
  for (int64_t step = 0; step < steps; ++step) {
    Batch batch = kLanguage.batch(random, 32);
    auto& words = batch.tokens.target_out.ids;
    if (trial.null())  // broken: the translations of other words
      for (size_t i = words.size(); i-- > 1;) std::swap(words[i], words[random.below(i + 1)]);
    learner->step(batch.tokens, {probe, {}});
    if (step % 8 == 0) trial.progress(begun + 0.25 * static_cast<double>(step) / static_cast<double>(steps));
  }
  return learner;
}

// The share of words of each kind whose most probable translation is the right one.
std::map<Kind, double> accuracies(const Learner& learner, const Batch& batch, nn::Probe* probe) {
  std::map<Kind, double> right, all;
  const Tensor log_p = learner.log_probabilities(batch.tokens, probe);
  for (int64_t t = 0; t < log_p.rows(); ++t) {
    const float* row = log_p.data<float>() + t * log_p.width();
    const Kind kind = batch.kinds[static_cast<size_t>(t)];
    ++all[kind];
    right[kind] +=
        std::max_element(row, row + log_p.width()) - row == batch.tokens.target_out.ids[static_cast<size_t>(t)];
  }
  for (auto& [kind, share] : right) share /= all[kind];
  return right;
}

void show(Trial& trial, const std::string& row, const std::map<Kind, double>& accuracy) {
  for (const auto& [name, kind] : kKinds)
    trial.cell({"Accuracy by kind of word", "各类词的准确率"}, row, name, accuracy.at(kind));
}

// How far the value at a point moves, relative to its size, when another point is set to zero.
double change_at(const Learner& learner, const Batch& batch, const std::string& point, const std::string& zeroed) {
  Tensor before, after;
  nn::Hooks plain, knocked;
  plain.at(point, nn::Hooks::record(before));
  knocked.at(point, nn::Hooks::record(after));
  knocked.at(zeroed, nn::Hooks::zeros);
  learner.states(batch.tokens, &plain);
  learner.states(batch.tokens, &knocked);
  double difference = 0, size = 0;
  for (int64_t i = 0; i < before.count(); ++i) {
    const double x = static_cast<double>(before.data<float>()[i]), y = static_cast<double>(after.data<float>()[i]);
    difference += (x - y) * (x - y);
    size += x * x;
  }
  return std::sqrt(difference / size);
}

// Where cross-attention takes its queries, keys and values from: what moves them, and what does not.
void follow_inputs(Trial& trial, const Learner& learner, const Batch& batch) {
  const std::string encoder = "encoder.layers.1.self_attention.output", cross = "decoder.layers.1.cross_attention";
  const std::string decoder = "decoder.layers.{}.self_attention.output";
  const auto change = [&](const char* part, const std::string& zeroed) {
    return change_at(learner, batch, cross + part, zeroed);
  };
  trial.figure("cross_query_change_by_own_self_attention", change(".query", name_in(decoder, 1, "")));
  trial.figure("cross_query_change_by_layer_before", change(".query", name_in(decoder, 0, "")));
  trial.figure("cross_key_change_by_encoder", change(".key", encoder));
  trial.figure("cross_value_change_by_encoder", change(".value", encoder));
  trial.figure("cross_key_change_by_decoder", change(".key", name_in(decoder, 0, "")));
  trial.figure("cross_value_change_by_decoder", change(".value", name_in(decoder, 0, "")));
  trial.figure("first_cross_query_change_by_encoder",
               change_at(learner, batch, "decoder.layers.0.cross_attention.query", encoder));
}

// The weights of each attention of the last layer, the mean over its heads, for the first sequence.
void show_maps(Trial& trial, const Learner& learner, const Batch& batch) {
  for (const auto& [name, attention] : kAttentions) {
    Heatmap heatmap = {{"Weights of " + name, name + " 的权重"}, {}, {}, {}};
    nn::Hooks hooks;
    hooks.weights(name_in(attention, kLayers - 1, ""), [&](const nn::AttentionMap& map) {
      if (map.sequence > 0) return;
      heatmap.values.resize(static_cast<size_t>(map.rows), std::vector<double>(static_cast<size_t>(map.columns)));
      for (int64_t i = 0; i < map.rows; ++i)
        for (int64_t j = 0; j < map.columns; ++j)
          heatmap.values[static_cast<size_t>(i)][static_cast<size_t>(j)] += map.at(i, j) / kHeads;
    });
    learner.states(batch.tokens, &hooks);
    const auto target = batch.tokens.target_in.sequence(0), source = batch.tokens.source.sequence(0);
    for (const int32_t id : name == "encoder_self" ? source : target) heatmap.rows.push_back(kLanguage.name(id));
    for (const int32_t id : name == "decoder_self" ? target : source) heatmap.columns.push_back(kLanguage.name(id));
    trial.heatmap(heatmap);
  }
}

void run(Trial& trial) {
  RandomStream random = trial.random("test");
  const Batch test = kLanguage.batch(random, trial.count("test"));
  const auto learner = train(trial, nullptr, 0);
  const std::map<Kind, double> intact = accuracies(*learner, test, nullptr);
  show(trial, "intact", intact);
  for (const auto& [kind, is] : kKinds) trial.figure("accuracy_" + kind, intact.at(is));
  double begun = 0.25;
  for (const auto& [name, attention] : kAttentions) {
    nn::Hooks hooks = knock_out(attention);
    const std::map<Kind, double> knocked = accuracies(*learner, test, &hooks);
    const auto other = train(trial, &hooks, begun);
    const std::map<Kind, double> without = accuracies(*other, test, &hooks);
    show(trial, name + " knocked out", knocked);
    show(trial, "trained without " + name, without);
    for (const auto& [kind, is] : kKinds) {
      trial.figure("lost_" + kind + "_by_knocking_out_" + name, intact.at(is) - knocked.at(is));
      trial.figure("lost_" + kind + "_trained_without_" + name, intact.at(is) - without.at(is));
    }
    if (name == "encoder_self")
      trial.figure("lost_more_of_ambiguous_than_plain_by_knocking_out_encoder_self",
                   intact.at(Kind::ambiguous) - knocked.at(Kind::ambiguous) -
                       (intact.at(Kind::plain) - knocked.at(Kind::plain)));
    begun += 0.25;
  }
  nn::Hooks even = even_cross_weights();
  const std::map<Kind, double> averaged = accuracies(*learner, test, &even);
  show(trial, "even weights in cross", averaged);
  trial.figure("lost_plain_by_even_weights_in_cross", intact.at(Kind::plain) - averaged.at(Kind::plain));
  follow_inputs(trial, *learner, test);
  show_maps(trial, *learner, test);
}

}  // namespace

extern const Experiment q040;
const Experiment q040 = {
    .row = 40,
    .question = {"What are the three attentions of an encoder and a decoder for?",
                 "编码器与解码器中的三处注意力各有什么功能？"},
    .prediction = {"Without encoder self-attention ambiguous words are guessed, without decoder self-attention the "
                   "closing, without cross-attention all "
                   "words. Trained without the encoder's, cross-attention of two layers takes over; nothing takes over "
                   "for the other two.",
                   "去掉编码器自注意力，歧义词只能猜；去掉解码器自注意力，收尾词只能猜；去掉交叉注意力，所有词都只能猜"
                   "。若从头不用编码器自注意力训练，两层交叉注意力可以代替；另两者无可代替。"},
    .scope = {"Translators of two layers a stack, width 64, four heads; a language of 24 words; sources of 4 to 8 "
              "words; a few hundred steps of 32 examples.",
              "每侧两层、宽 64、四头的翻译模型；24 个词的小语言；源句 4 到 8 个词；数百步，每步 32 个样本。"},
    .literature =
        {{"In trained translators most encoder heads can be removed with little loss, encoder–decoder heads the least "
          "of all.",
          "Voita et al. 2019, Analyzing Multi-Head Self-Attention"},
         {"Attention serves in three ways: encoder–decoder, encoder self-attention, masked decoder self-attention.",
          "Vaswani et al. 2017, Attention Is All You Need, section 3.2.3"}},
    .settings = {{"steps", 3, 250, 400, "of training, for each of four models"},
                 {"test", 8, 256, 512, "sources to translate"}},
    .quick_seeds = 7,
    .full_seeds = 12,
    .quick_seconds = 25,
    .full_seconds = 120,
    .run = run,
    .file = __FILE__,
};

}  // namespace heddle::lab
