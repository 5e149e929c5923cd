#include "heddle/train/config.h"

namespace heddle::train {

void describe(TrainConfig& c, ConfigVisitor& v) {
  v.field("max_steps", c.max_steps, "Optimizer steps, at most.", Allowed::at_least(1));
  v.field("max_epochs", c.max_epochs, "Passes over the data, at most.", Allowed::at_least(0));
  v.field("max_minutes", c.max_minutes, "Minutes of training, at most; over all resumed parts.", Allowed::at_least(0));
  v.field("validate_every", c.validate_every, "Steps between validations.", Allowed::at_least(1));
  v.field("save_every", c.save_every, "Steps between checkpoints.", Allowed::at_least(1));
  v.field("log_every", c.log_every, "Steps between lines of metrics.jsonl.", Allowed::at_least(1));
  v.field("seed", c.seed, "Decides initial weights, order and dropout.", Allowed::at_least(0));
  v.field("precision", c.precision, "Inputs of matrix products; auto takes bf16 where the processor has it.",
          Allowed::one_of({"auto", "f32", "bf16"}));
  v.field("batch_tokens", c.batch_tokens, "Target tokens a batch.", Allowed::between(1, 1e8));
  v.field("batch_tokens_first", c.batch_tokens_first,
          "Target tokens a batch in the first epoch, from which batches grow to batch_tokens; 0: they do not grow.",
          Allowed::between(0, 1e8));
  v.field("batch_ramp_epochs", c.batch_ramp_epochs,
          "Epochs until batches have batch_tokens, growing by the same number of tokens each.",
          Allowed::between(0, 1e6));
  v.field("accumulate", c.accumulate, "Pieces that a batch is worked on in, to save memory.",
          Allowed::between(1, 4096));
  v.field("checkpoint_blocks", c.checkpoint_blocks,
          "Activations of this many layers in a row are dropped, and made again together in the backward pass (Chen et "
          "al. 2016): memory for layers / blocks states and the activations of one block, time for one more forward "
          "pass; 0: all are kept.",
          Allowed::between(0, 1024));
  v.field("log_noise_scale", c.log_noise_scale,
          "The gradient noise scale, in target tokens, in metrics.jsonl; from pieces against batches, so accumulate is "
          "at least 2.",
          Allowed::any());
  v.field("threads", c.threads, "0: what affinity and the cgroup quota allow.", Allowed::between(0, 1024));
  v.field(
      "loader_threads", c.loader_threads,
      "Threads that make batches ahead, besides those; 0: each is made when its step begins. The batches are the same.",
      Allowed::between(0, 64));
  v.field("schedule", c.schedule, "Decay of the learning rate after the warm-up.",
          Allowed::one_of({"inverse_sqrt", "cosine", "linear", "constant"}));
  v.field("learning_rate", c.learning_rate, "Peak learning rate.", Allowed::between(0, 1e3));
  v.field("warmup_steps", c.warmup_steps, "Steps of linear warm-up.", Allowed::at_least(0));
  v.field("beta1", c.beta1, "AdamW: decay of the first moment.", Allowed::between(0, 1));
  v.field("beta2", c.beta2, "AdamW: decay of the second moment.", Allowed::between(0, 1));
  v.field("epsilon", c.epsilon, "AdamW: added to the root of the second moment.", Allowed::between(0, 1));
  v.field("weight_decay", c.weight_decay, "AdamW: decoupled decay of matrices (norms and biases have none).",
          Allowed::between(0, 10));
  v.field("clip_norm", c.clip_norm, "Gradient norm above which gradients are scaled down; 0: never.",
          Allowed::at_least(0));
  v.field("label_smoothing", c.label_smoothing, "Share of probability spread over other tokens.",
          Allowed::between(0, 0.99));
  v.field("smoothing_convention", c.smoothing_convention, "Spread over all n tokens, or over the n-1 wrong ones.",
          Allowed::one_of({"over_all", "over_others"}));
  v.field("r_drop", c.r_drop,
          "R-Drop (Liang et al. 2021): above 0 each batch is read twice with different dropout, and the divergence of "
          "the two predictions counts with this factor; 5 is usual. A step costs twice as much.",
          Allowed::between(0, 1e3));
  v.field("keep_last", c.keep_last, "Checkpoints that are kept.", Allowed::between(1, 1000));
  v.field("ema_decay", c.ema_decay,
          "Above 0, the moving average of the weights over the steps is what is validated and becomes the model: after "
          "each step it keeps this share of itself. 0.999 averages over some 1,000 steps; 0: the weights themselves.",
          Allowed::between(0, 0.9999999));
  v.field("average_last", c.average_last,
          "At the end, the average of this many last checkpoints becomes the model; 0: the best stays.",
          Allowed::between(0, 1000));
  v.field("attention_every", c.attention_every,
          "Steps between snapshots of attention maps, for heddle inspect attention --snapshots; 0: none.",
          Allowed::at_least(0));
  v.field("attention_sentences", c.attention_sentences, "Sentences whose maps a snapshot stores.",
          Allowed::between(1, 1000));
  v.field("attention_file", c.attention_file,
          "Those sentences, a tab before the translation or answer, or lines of text; empty: the first of the "
          "validation text.",
          Allowed::any());
  v.field("patience", c.patience, "Validations without a better score before stopping; 0: never.",
          Allowed::at_least(0));
}

}  // namespace heddle::train
