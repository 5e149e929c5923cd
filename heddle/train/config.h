#pragma once
// The keys of [train].

#include "heddle/base/config.h"

namespace heddle::train {

struct TrainConfig {
  int64_t max_steps = 100000;
  double max_epochs = 1e6;
  double max_minutes = 1e6;
  int64_t validate_every = 1000;  // steps
  int64_t save_every = 1000;      // steps
  int64_t log_every = 50;         // steps
  int64_t seed = 1;
  std::string precision = "auto";  // auto, f32, bf16
  int64_t batch_tokens = 4096;     // target tokens a batch
  int64_t batch_tokens_first = 0;  // of the first epoch; 0: as in all
  int64_t batch_ramp_epochs = 0;   // until batches have batch_tokens
  int64_t accumulate = 1;          // pieces that a batch is worked on in
  int64_t checkpoint_blocks = 0;   // layers whose activations are dropped and made again together; 0: none
  bool log_noise_scale = false;    // the gradient noise scale in metrics.jsonl; needs accumulate >= 2
  int64_t threads = 0;             // 0: what affinity and quota allow
  int64_t loader_threads = 0;      // that make batches ahead; 0: each is made when its step begins
  std::string schedule = "inverse_sqrt";
  double learning_rate = 1e-3;
  int64_t warmup_steps = 1000;
  double beta1 = 0.9, beta2 = 0.98, epsilon = 1e-9, weight_decay = 0.0;
  double clip_norm = 1.0;  // 0: no clipping
  double label_smoothing = 0.1;
  std::string smoothing_convention = "over_all";
  double r_drop = 0.0;              // α of R-Drop: each batch twice, with different dropout; 0: once
  int64_t keep_last = 3;            // checkpoints
  double ema_decay = 0.0;           // of the moving average of the weights; 0: none
  int64_t average_last = 0;         // checkpoints whose average becomes the model; 0: none
  int64_t attention_every = 0;      // steps between snapshots of attention maps; 0: none
  int64_t attention_sentences = 2;  // whose maps are stored
  std::string attention_file;       // these sentences; empty: the first of the validation text
  int64_t patience = 0;             // validations without a better score before stopping; 0: never
};

void describe(TrainConfig& config, ConfigVisitor& visitor);

}  // namespace heddle::train
