// What overlapping communication needs: the gradient of every weight of a model is reported once,
// when it is whole, tied weights behind the last of their uses.

#include <gtest/gtest.h>

#include <map>

#include "tests/model/tiny_model.h"

namespace heddle::model {
namespace {

class Reports : public nn::SummedGradients {
 public:
  using SummedGradients::SummedGradients;
  void final_use(const ops::Tape& tape, NodeId node) override {
    const nn::ParameterId id = tape.key_of(node).index;
    ++times[id];
    at_report[id] = keep(of(id));
  }
  std::map<nn::ParameterId, int> times;
  std::map<nn::ParameterId, Tensor> at_report;
};

TEST(FinalUse, EveryWeightIsReportedOnceWhenItsGradientIsWhole) {
  for (const bool tied : {true, false})
    for (const bool eager : {true, false}) {
      RandomStream random({71, 0, 0, 0});
      ModelConfig config = tiny_config();
      config.tie_embeddings = tied;
      const TinyModel m(config);
      const TinyBatch batch = random_batch(random, 4, kVocab);
      Reports reports(m.parameters, m.weights);
      Arena arena;
      {
        ops::Tape tape(arena, {.eager_sink = eager ? &reports : nullptr});
        const ops::Seed seed{batch_loss(m.model, m.pass(), batch).loss, {}};
        tape.backward({&seed, 1}, reports);
      }
      for (size_t i = 0; i < m.parameters.all().size(); ++i) {
        const auto id = static_cast<nn::ParameterId>(i);
        const std::string& name = m.parameters.all()[i].name;
        ASSERT_EQ(reports.times[id], 1) << name << (eager ? ", eager" : "");
        EXPECT_EQ(relative(reports.at_report[id], reports.of(id)), 0) << name;
      }
    }
}

}  // namespace
}  // namespace heddle::model
