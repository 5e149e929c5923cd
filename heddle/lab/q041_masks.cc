// Row 41: which masks do the three attentions need, in training and in inference? (Vaswani et al. 2017, section 3.2.3)
//
// A model is trained four times, once with the masks of the paper and once with each mask changed, on a language whose
// entropy is known: a loss below it means that the model sees what it is to predict.

#include <cmath>
#include <memory>

#include "heddle/lab/influence.h"
#include "heddle/lab/learner.h"
#include "heddle/lab/tasks/toy_translation.h"
#include "heddle/lab/tokenwise.h"
#include "heddle/lab/trial.h"
#include "heddle/nn/hooks.h"

namespace heddle::lab {
namespace {

// The target is the source's mirror, so that its first word needs the source's last; every word's form is drawn anew.
constexpr ToyLanguage kLanguage = {.least_pairs = 2, .most_pairs = 4, .reversed = true, .one_register = false};

struct Masks {
  const char *encoder = "full", *decoder = "causal", *cross = "full";  // as published
};

std::unique_ptr<Learner> learner_with(const Trial& trial, const Masks& masks, DType dtype = DType::f32) {
  model::ModelConfig config = small_model("encoder_decoder", ToyLanguage::vocab(), 48, 2, 4);
  config.encoder.attention_mask = masks.encoder;
  config.decoder.attention_mask = masks.decoder;
  config.decoder_cross.attention_mask = masks.cross;
  return std::make_unique<Learner>(config, small_training(trial.setting("learning_rate")), trial.seed(), dtype);
}

std::unique_ptr<Learner> trained(const Trial& trial, const Masks& masks, int number) {
  auto learner = learner_with(trial, masks);
  RandomStream random = trial.random("sentences");
  const int64_t steps = trial.null() ? 0 : trial.count("steps");  // the null experiment: random weights
  for (int64_t step = 0; step < steps; ++step) {
    learner->step(toy_translations(kLanguage, random, 32).tokens);
    trial.progress(0.22 * (number + static_cast<double>(step) / static_cast<double>(steps)));
  }
  return learner;
}

// The same weights under other masks, or in another precision.
std::unique_ptr<Learner> under(const Trial& trial, const Learner& learner, const Masks& masks,
                               DType dtype = DType::f32) {
  auto other = learner_with(trial, masks, dtype);
  other->take_weights(learner);
  return other;
}

// The share of sentences that come out right, whatever the forms.
double right_translations(const Learner& learner, const data::TranslationBatch& batch) {
  const auto found = greedy_by_prefixes(learner, batch.source, ToyLanguage::kStart, 2 * kLanguage.most_pairs + 1);
  double right = 0;
  for (size_t s = 0; s < found.size(); ++s) {
    const auto wanted = batch.target_out.sequence(static_cast<int64_t>(s));
    right += std::ranges::equal(wanted, std::span(found[s]).first(wanted.size()), {}, ToyLanguage::without_register,
                                ToyLanguage::without_register);
  }
  return right / static_cast<double>(found.size());
}

// What masks do inside an attention, in a full pass and in one with a cache: the share of scores at minus infinity, the
// most that these still weigh after the softmax, and how far the other weights are from the softmax over the visible
// keys alone.
struct MaskUse {
  double scores = 0, masked = 0, most_weight = 0, error = 0;
  std::vector<double> shown;  // the scores of one head

  double share() const { return scores > 0 ? masked / scores : 0; }
  void see(const nn::AttentionMap& map) {
    shown.assign(map.values.begin(), map.values.end());
    scores += static_cast<double>(shown.size());
    for (const double score : shown) masked += std::isinf(score);
  }
  void compare(const nn::AttentionMap& map) {
    for (int64_t i = 0; i < map.rows; ++i) {
      const auto row = std::span(shown).subspan(static_cast<size_t>(i * map.columns), static_cast<size_t>(map.columns));
      double sum = 0;
      for (const double score : row) sum += std::exp(score);  // of minus infinity: nothing
      for (int64_t j = 0; j < map.columns; ++j) {
        const double score = row[static_cast<size_t>(j)];
        if (std::isinf(score)) most_weight = std::max(most_weight, map.at(i, j));
        else error = std::max(error, std::abs(map.at(i, j) - std::exp(score) / sum));
      }
    }
  }
};

void measure_masks(Trial& trial, const Learner& exact, const data::TranslationBatch& batch) {
  const std::pair<const char*, const char*> sites[] = {{"encoder", "encoder.layers.1.self_attention"},
                                                       {"decoder", "decoder.layers.1.self_attention"},
                                                       {"cross", "decoder.layers.1.cross_attention"}};
  MaskUse use[3], cached_use[3];
  nn::Hooks hooks, cached_hooks;
  for (int i = 0; i < 3; ++i) {
    hooks.scores(sites[i].second, [&, i](const nn::AttentionMap& map) {
      use[i].see(map);
      if (trial.null())  // the null experiment: minus infinity is lost on the way to the softmax
        for (double& score : map.values) score = std::max(score, 0.0);
    });
    hooks.weights(sites[i].second, [&, i](const nn::AttentionMap& map) { use[i].compare(map); });
    cached_hooks.scores(sites[i].second, [&, i](const nn::AttentionMap& map) { cached_use[i].see(map); });
  }
  exact.log_probabilities(batch, &hooks);
  cached_log_probabilities(exact, batch, &cached_hooks);
  for (int i = 0; i < 3; ++i) {
    const Bilingual table = {"Share of scores that a mask hides", "被掩码遮住的分数比例"};
    trial.cell(table, sites[i].first, "training (whole sequences)", use[i].share());
    trial.cell(table, sites[i].first, "inference (with a cache)", cached_use[i].share());
    trial.figure(std::string("masked_share_") + sites[i].first, use[i].share());
    trial.figure(std::string("masked_share_cached_") + sites[i].first, cached_use[i].share());
  }
  trial.figure("masked_weight", use[1].most_weight);
  trial.figure("masked_softmax_error", use[1].error);
}

// One sentence, and what moves when one of its words is another.
void measure_influence(Trial& trial, const Learner& learner) {
  RandomStream random = trial.random("one sentence");
  ToyLanguage language = kLanguage;
  language.least_pairs = language.most_pairs;
  const ToyTranslations one = toy_translations(language, random, 1);
  const auto source = one.tokens.source.sequence(0), target = one.tokens.target_in.sequence(0);
  data::TranslationBatch other_source, other_target;
  for (size_t j = 0; j <= std::max(source.size(), target.size()); ++j) {
    std::vector<int32_t> words(source.begin(), source.end()), inputs(target.begin(), target.end());
    if (j > 0 && j <= words.size()) words[j - 1] = ToyLanguage::other_source_word(words[j - 1]);
    if (j > 0 && j <= inputs.size())
      inputs[j - 1] = inputs[j - 1] == ToyLanguage::kStart ? ToyLanguage::kEnd : ToyLanguage::target_noun(0, 0);
    if (j <= source.size()) other_source.source.add(0, words), other_source.target_in.add(0, target);
    if (j <= target.size()) other_target.source.add(0, source), other_target.target_in.add(0, inputs);
  }
  const auto names = [](std::span<const int32_t> ids) {
    std::vector<std::string> all;
    for (const int32_t id : ids) all.push_back(ToyLanguage::word(id));
    return all;
  };
  const auto outputs = one.tokens.target_out.sequence(0);
  const Matrix encoder = influence(learner.encode(other_source.source), std::ssize(source));
  const Matrix decoder = influence(learner.log_probabilities(other_target), std::ssize(target));
  const Matrix cross = influence(learner.log_probabilities(other_source), std::ssize(source));
  trial.figure("encoder_sees_later", mean_of_later(encoder));
  trial.figure("decoder_sees_later", mean_of_later(decoder));
  trial.figure("cross_sees_later", mean_of_later(cross));
  trial.heatmap(heatmap_of({"Encoder states (rows) by source word", "编码器状态（行）随源词的变化"}, names(source),
                           names(source), encoder));
  trial.heatmap(heatmap_of({"Predictions (rows) by target word before", "预测（行）随已有目标词的变化"}, names(outputs),
                           names(target), decoder));
  trial.heatmap(heatmap_of({"Predictions (rows) by source word", "预测（行）随源词的变化"}, names(outputs),
                           names(source), cross));
}

void run(Trial& trial) {
  const Masks as_published, no_decoder_mask = {.decoder = "full"}, encoder_mask = {.encoder = "causal"};
  const Masks cross_mask = {.cross = "causal"}, both_masks = {.encoder = "causal", .cross = "causal"};
  const auto published = trained(trial, as_published, 0), no_decoder = trained(trial, no_decoder_mask, 1);
  const auto encoder = trained(trial, encoder_mask, 2), both = trained(trial, both_masks, 3);
  RandomStream random = trial.random("unseen");
  const ToyTranslations unseen = toy_translations(kLanguage, random, trial.count("unseen"));
  const ToyTranslations few = toy_translations(kLanguage, random, 16);
  const Bilingual table = {"Loss under teacher forcing (nats per token), and sentences translated right",
                           "教师强制下的损失（奈特/词元）与整句译对的比例"};
  const auto loss = [&](const std::string& name, const Learner& learner) {
    const double nats = learner.loss(unseen.tokens), right = right_translations(learner, few.tokens);
    trial.cell(table, name, "loss", nats);
    trial.cell(table, name, "below the entropy", unseen.entropy - nats);
    trial.cell(table, name, "translated right", right);
    trial.figure("translated_" + name, right);
    return nats;
  };
  const double plain = loss("as_published", *published);
  trial.figure("leak_as_published", unseen.entropy - plain);
  trial.figure("leak_without_decoder_mask", unseen.entropy - loss("without_decoder_mask", *no_decoder));
  const double with_encoder_mask = loss("with_encoder_mask", *encoder);
  trial.figure("cost_of_encoder_mask", with_encoder_mask - plain);
  trial.figure("cost_of_masks_everywhere", loss("with_masks_everywhere", *both) - plain);
  trial.figure("cost_of_encoder_mask_in_training_alone",
               under(trial, *encoder, as_published)->loss(unseen.tokens) - with_encoder_mask);
  trial.figure("cost_of_cross_mask_in_inference_alone",
               under(trial, *published, cross_mask)->loss(unseen.tokens) - plain);
  trial.progress(0.92);

  measure_influence(trial, *published);
  const auto exact = under(trial, *published, as_published, DType::f64);
  measure_masks(trial, *exact, few.tokens);
  const std::vector<double> whole = numbers_of(published->log_probabilities(few.tokens));
  trial.figure("cached_difference_f32", largest_difference(cached_log_probabilities(*published, few.tokens), whole));
  trial.figure("cached_difference_f64", largest_difference(cached_log_probabilities(*exact, few.tokens),
                                                           numbers_of(exact->log_probabilities(few.tokens))));
  trial.figure("prefix_masked_difference", largest_difference(prefix_log_probabilities(*published, few.tokens), whole));
  trial.figure(
      "prefix_unmasked_difference",
      largest_difference(prefix_log_probabilities(*under(trial, *published, no_decoder_mask), few.tokens), whole));
  data::TranslationBatch rectangle = few.tokens;
  rectangle.source = data::padded(few.tokens.source, 2 * kLanguage.most_pairs + 4, ToyLanguage::kPad);
  trial.figure("padding_masked_difference",
               largest_difference(numbers_of(published->log_probabilities(rectangle)), whole));
  rectangle.source.length.clear();
  trial.figure("padding_unmasked_difference",
               largest_difference(numbers_of(published->log_probabilities(rectangle)), whole));
}

}  // namespace

extern const Experiment q041;
const Experiment q041 = {
    .row = 41,
    .question = {"Which masks do the three attentions of a Transformer need, in training and in inference?",
                 "Transformer 的三处注意力在训练与推理时各需要怎样的掩码？"},
    .prediction =
        {"Only the decoder's self-attention hides later places. Without that mask its loss falls far below the entropy "
         "and it cannot translate; without masks in the encoder and over the source nothing leaks. With a cache of "
         "keys and values, "
         "inference needs no mask and equals the masked full pass.",
         "只有解码器自注意力需要遮住后面的位置：去掉它，损失远低于熵而不会翻译；编码器与交叉注意力没有因果掩码也不泄漏"
         "。有键值缓存时，推理无需掩码，结果与带掩码的整体计算相同。"},
    .scope = {"Two layers in each stack, width 48; mirrored toy sentences of 4 to 8 words whose words have two forms, "
              "drawn at random.",
              "编码器与解码器各两层，宽 48；4 到 8 个词的镜像玩具句子，每个词的两种词形随机。"},
    .literature =
        {{"The encoder's attention and that over the source are without causal mask; the decoder's self-attention has "
          "it.",
          "Vaswani et al. 2017, Attention Is All You Need, section 3.2.3"},
         {"A mask over the source is a choice made for simultaneous translation, and costs quality.",
          "Ma et al. 2019, STACL: Simultaneous Translation with Implicit Anticipation and Controllable Latency using "
          "Prefix-to-Prefix Framework"}},
    .settings = {{"steps", 3, 500, 1000, "optimizer steps of each of four models"},
                 {"unseen", 20, 300, 600, "sentences that losses are measured on"},
                 {"learning_rate", 0.003, 0.003, 0.003, "of the training"}},
    .quick_seconds = 60,
    .full_seconds = 200,
    .run = run,
    .file = __FILE__,
};

}  // namespace heddle::lab
