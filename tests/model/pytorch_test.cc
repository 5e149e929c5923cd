// Loss and every gradient of whole models against PyTorch's, on weights stored by
// fixtures/make_pytorch_translator.py.

#include <gtest/gtest.h>

#include <cmath>

#include <nlohmann/json.hpp>

#include "heddle/base/file.h"
#include "heddle/model/describe.h"
#include "heddle/model/safetensors.h"
#include "heddle/model/store.h"
#include "heddle/nn/gradients.h"
#include "tests/model/tiny_batch.h"
#include "tests/places/places.h"

namespace heddle::model {
namespace {

const std::string kFixtures = source_path("tests/model/fixtures/pytorch_translator_").string();

struct Stored {
  nlohmann::json facts;
  ModelConfig config;
  TinyBatch batch;

  explicit Stored(const std::string& name)
      : facts(nlohmann::json::parse(read_file(kFixtures + name + ".json", 1 << 20))) {
    read_json_config(facts["config"].dump(), name, [this](ConfigVisitor& v) { describe(config, v); });
    int64_t number = 0;
    for (const auto& pair : facts["pairs"]) batch.add(number++, pair[0], pair[1]);
  }
};

double gradient_error(const Tensor& ours, const Tensor& theirs) {
  double difference = 0, norm = 0;
  for (int64_t i = 0; i < ours.count(); ++i) {
    const double a = ours.dtype() == DType::f64 ? ours.data<double>()[i] : static_cast<double>(ours.data<float>()[i]);
    const double b = static_cast<double>(theirs.data<float>()[i]);
    difference += (a - b) * (a - b);
    norm += b * b;
  }
  return std::sqrt(difference / norm);
}

void expect_equals_pytorch(const std::string& name, DType dtype) {
  const Stored stored(name);
  LoadedModel loaded(stored.config, dtype);
  load_weights(kFixtures + name + ".safetensors", loaded.parameters, loaded.weights);
  nn::SummedGradients gradients(loaded.parameters, loaded.weights);
  const nn::Pass pass = {.parameters = loaded.parameters, .weights = loaded.weights, .random = {}, .training = true};
  Arena arena;
  {
    ops::Tape tape(arena, {.eager_sink = &gradients});
    const ops::OutputLoss loss = batch_loss(loaded.model, pass, stored.batch, 1.0, stored.facts["smoothing"]);
    const double expected = stored.facts["loss"];
    EXPECT_NEAR(loss.loss_sum, expected, 1e-5 * expected);
    const ops::Seed seed{loss.loss, {}};
    tape.backward({&seed, 1}, gradients);
  }
  const Safetensors theirs(kFixtures + name + "_gradients.safetensors");
  ASSERT_EQ(theirs.names().size(), loaded.parameters.all().size());
  double norm = 0;
  for (const nn::ParameterInfo& info : loaded.parameters.all()) {
    const Tensor expected = theirs.at(info.name), ours = gradients.of(loaded.parameters.find(info.name));
    norm += gradient_error(Tensor::zeros(expected.shape(), DType::f32), expected);
    EXPECT_LE(gradient_error(ours, expected), 1e-5) << info.name;
  }
  EXPECT_NEAR(norm, static_cast<double>(loaded.parameters.all().size()), 1e-9) << "a stored gradient is all zeros";
}

TEST(PyTorch, PostNormTiedModelInDouble) { expect_equals_pytorch("post_relu_tied", DType::f64); }
TEST(PyTorch, PostNormTiedModelInFloat) { expect_equals_pytorch("post_relu_tied", DType::f32); }
TEST(PyTorch, PreNormSeparateModelInDouble) { expect_equals_pytorch("pre_gelu_separate", DType::f64); }
TEST(PyTorch, PreNormSeparateModelInFloat) { expect_equals_pytorch("pre_gelu_separate", DType::f32); }

}  // namespace
}  // namespace heddle::model
