#include "heddle/ops/einsum/einsum.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "heddle/ops/attention.h"
#include "tests/ops/einsum/random_expression.h"
#include "tests/ops/gradient_check.h"
#include "tests/places/places.h"

namespace heddle::ops {
namespace {

Tensors random_operands(RandomStream& random, const std::vector<Sizes>& shapes) {
  Tensors operands;
  for (const Sizes& shape : shapes) operands.push_back(random_tensor(random, Shape(shape)));
  return operands;
}

std::vector<Doubles> all_numbers(const Tensors& tensors) {
  std::vector<Doubles> all;
  for (const Tensor& tensor : tensors) all.push_back(numbers(tensor));
  return all;
}

// max|a - b| against the largest sum of |terms|: where terms cancel, their rounding is what is left.
double error_of(const Tensor& result, const EinsumIndices& indices, std::vector<Doubles> operands,
                const std::vector<Sizes>& shapes) {
  const Doubles expected = brute_force(indices, operands, shapes), got = numbers(result);
  for (Doubles& operand : operands)
    for (double& value : operand) value = std::abs(value);
  const Doubles size = brute_force(indices, operands, shapes);
  if (got.size() != expected.size()) return kernels::kWrong;
  double error = 0, largest = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    error = std::max(error, std::abs(got[i] - expected[i]));
    largest = std::max(largest, size[i]);
  }
  return error == 0 ? 0 : error / largest;
}

// HEDDLE_EINSUMS=10000 is the full measure.
int rounds(int usual) {
  const char* wanted = std::getenv("HEDDLE_EINSUMS");
  return wanted ? std::atoi(wanted) : usual;
}

TEST(Einsum, IsTheSumOverAllAssignments) {
  RandomStream random({51, 0, 0, 0});
  for (int round = 0; round < rounds(400); ++round) {
    const RandomExpression drawn = random_expression(random, 5);
    SCOPED_TRACE(drawn.text);
    const Tensors operands = random_operands(random, drawn.shapes);
    const EinsumPlan plan = plan_einsum(drawn.text, operands);
    if (plan.indices.output.size() > static_cast<size_t>(Shape::kMaxRank)) continue;
    const auto error = [&](const Tensor& result) {
      return error_of(result, plan.indices, all_numbers(operands), drawn.shapes);
    };
    EXPECT_LE(error(einsum(plan, operands)), 1e-14);
    Tensors narrow;
    for (const Tensor& operand : operands) narrow.push_back(converted(operand, DType::f32));
    EXPECT_LE(error(einsum(drawn.text, narrow)), 1e-5);
    const EinsumPlan plain = plan_einsum(plan.indices, EinsumOrder::left_to_right);
    EXPECT_LE(error(einsum(plain, operands)), 1e-14) << "in another order";
  }
}

// Sizes at which the matrix kernels run, in every layout that letters in random order make of them.
TEST(Einsum, IsTheSameProductInEveryLayout) {
  RandomStream random({52, 0, 0, 0});
  const auto shuffled = [&](std::string text) {
    for (size_t i = text.size(); i > 1; --i) std::swap(text[i - 1], text[random.below(i)]);
    return text;
  };
  const std::string letters = "abmnijxy";
  const Sizes size = {2, 3, 4, 5, 5, 4, 6, 3};
  for (int round = 0; round < std::min(rounds(30), 300); ++round) {
    std::string terms[3] = {shuffled("abmnij"), shuffled("abijxy"), shuffled("abmnxy")};
    std::vector<Sizes> shapes(2);
    for (size_t i = 0; i < 2; ++i)
      for (const char letter : terms[i]) shapes[i].push_back(size[letters.find(letter)]);
    const std::string text = terms[0] + "," + terms[1] + "->" + terms[2];
    SCOPED_TRACE(text);
    const Tensors operands = random_operands(random, shapes);
    const EinsumPlan plan = plan_einsum(text, operands);
    const Doubles expected = brute_force(plan.indices, all_numbers(operands), shapes);
    EXPECT_LE(tensor_error(numbers(einsum(plan, operands)), expected), 1e-12);
    const Tensors narrow = {converted(operands[0], DType::f32), converted(operands[1], DType::f32)};
    EXPECT_LE(tensor_error(numbers(einsum(plan, narrow)), expected), 1e-5);
  }
}

TEST(Einsum, ReadsRowsThatLieApart) {
  RandomStream random({53, 0, 0, 0});
  const Tensor wide = random_tensor(random, {20, 30}), other = random_tensor(random, {9, 7});
  const Tensor part = wide.column_range(4, 13);
  const Tensor dense = Tensor::zeros({20, 9}, DType::f64);
  copy_into(part, dense);
  for (const char* text : {"ij,jk->ik", "ij,jk->ki", "ij,jk->k"})
    EXPECT_EQ(numbers(einsum(text, {part, other})), numbers(einsum(text, {dense, other}))) << text;
}

TEST(EinsumGradients, OfRandomExpressions) {
  RandomStream random({54, 0, 0, 0});
  for (int round = 0; round < std::min(rounds(60), 2000); ++round) {
    const RandomExpression drawn = random_expression(random, 4, 3);
    SCOPED_TRACE(drawn.text);
    Operation operation;
    operation.inputs = random_operands(random, drawn.shapes);
    operation.run = [&](const Tensors& t, Compute) { return einsum(drawn.text, t); };
    check_operation(operation);
  }
}

TEST(EinsumGradients, OfMatricesInEveryLayout) {
  RandomStream random({55, 0, 0, 0});
  for (const char* text : {"bij,bjk->bik", "bij,bjk->kib", "jbi,kbj->ibk", "ib,bjk,kl->lij", "iij,jk->ki"}) {
    SCOPED_TRACE(text);
    const Sizes size = {3, 6, 8, 7, 5};  // b i j k l
    const EinsumExpression expression = parse_einsum(text);
    Operation operation;
    for (const EinsumTerm& term : expression.operands) {
      Sizes shape;
      for (const char letter : term.letters) shape.push_back(size[std::string("bijkl").find(letter)]);
      operation.inputs.push_back(random_tensor(random, Shape(shape)));
    }
    operation.run = [&](const Tensors& t, Compute) { return einsum(text, t); };
    check_operation(operation);
  }
}

Doubles read_numbers(const std::string& line) {
  std::istringstream text(line);
  Doubles values;
  for (double value; text >> value;) values.push_back(value);
  return values;
}

class OneSlot : public GradientSink {
 public:
  explicit OneSlot(const Tensors& leaves) {
    for (const Tensor& leaf : leaves) slots.emplace_back(leaf.node(), Tensor::zeros(leaf.shape(), leaf.dtype()));
  }
  bool wants(const Tape&, NodeId node) const override {
    return std::ranges::count(slots, node, &std::pair<NodeId, Tensor>::first) > 0;
  }
  Tensor slot(const Tape&, NodeId node, int) override {
    return std::ranges::find(slots, node, &std::pair<NodeId, Tensor>::first)->second;
  }
  std::vector<std::pair<NodeId, Tensor>> slots;
};

TEST(Einsum, SaysWhatTorchSays) {
  std::ifstream file(source_path("tests/ops/einsum/fixtures/torch_einsum.txt"));
  int cases = 0;
  for (std::string text, shapes_line; std::getline(file, text) && std::getline(file, shapes_line); ++cases) {
    SCOPED_TRACE(text);
    Doubles lines[4];
    for (Doubles& values : lines) {
      std::string line;
      std::getline(file, line);
      values = read_numbers(line);
    }
    Arena arena;
    Tape tape(arena);
    Tensors leaves;
    const double* next = lines[0].data();
    std::istringstream shapes(shapes_line);
    for (std::string shape_text; shapes >> shape_text;) {
      Sizes shape;
      std::ranges::replace(shape_text, 'x', ' ');
      for (const double size : read_numbers(shape_text)) shape.push_back(static_cast<int64_t>(size));
      const Tensor operand = Tensor::zeros(Shape(shape), DType::f64);
      std::copy_n(next, operand.count(), operand.data<double>());
      next += operand.count();
      leaves.push_back(tape.watch(operand));
    }
    const Tensor result = einsum(text, leaves);
    EXPECT_LE(tensor_error(numbers(result), lines[2]), 1e-13);
    const Tensor arriving = Tensor::zeros(result.shape(), DType::f64);
    ASSERT_EQ(arriving.count(), std::ssize(lines[1]));
    std::ranges::copy(lines[1], arriving.data<double>());
    OneSlot sink(leaves);
    const Seed seed{result, arriving};
    tape.backward({&seed, 1}, sink);
    Doubles gradients;
    for (const auto& [node, tensor] : sink.slots)
      for (const double value : numbers(tensor)) gradients.push_back(value);
    EXPECT_LE(tensor_error(gradients, lines[3]), 1e-13);
  }
  EXPECT_EQ(cases, 22);
}

// Row 69: attention as two einsums around a softmax is the fused kernel's attention.
TEST(Einsum, AttentionIsTheFusedKernels) {
  RandomStream random({56, 0, 0, 0});
  const int64_t batch = 3, length = 17, heads = 4, width = 16, inner = heads * width;
  std::vector<int32_t> offsets = {0}, position;
  std::vector<int64_t> example;
  for (int64_t b = 0; b < batch; ++b) {
    offsets.push_back(offsets.back() + static_cast<int32_t>(length));
    for (int64_t i = 0; i < length; ++i) {
      example.push_back(b);
      position.push_back(static_cast<int32_t>(i));
    }
  }
  const Rows rows{offsets, example, position};
  Tensors qkv;
  for (int i = 0; i < 3; ++i) qkv.push_back(converted(random_tensor(random, {batch * length, inner}), DType::f32));
  const AttentionOptions options = {.heads = static_cast<int>(heads), .scale = 1 / std::sqrt(16.0)};
  const Doubles fused = numbers(attention(qkv[0], qkv[1], qkv[2], rows, rows, options));

  const Shape apart = {batch, length, heads, width};
  const Tensor scores = einsum("bqhd,bkhd->bhqk", {qkv[0].reshape(apart), qkv[1].reshape(apart)});
  for (int64_t row = 0; row < scores.rows(); ++row) {  // softmax of the scaled scores
    const std::span<float> values =
        scores.span<float>().subspan(static_cast<size_t>(row * length), static_cast<size_t>(length));
    double sum = 0;
    for (float& value : values) sum += value = std::exp(value / 4.0f);
    for (float& value : values) value = static_cast<float>(value / sum);
  }
  const Tensor mixed = einsum("bhqk,bkhd->bqhd", {scores, qkv[2].reshape(apart)});
  EXPECT_LE(tensor_error(numbers(mixed), fused), 1e-5);
}

TEST(Einsum, RefusesWhatCannotBe) {
  const Tensor a = Tensor::zeros({2, 3}, DType::f32), b = Tensor::zeros({3, 4}, DType::f64),
               ids = Tensor::zeros({2, 3}, DType::i32);
  const auto problem = [](auto&& run) -> std::string {
    try {
      run();
    } catch (const InputError& error) {
      return error.what();
    }
    return "none";
  };
  EXPECT_NE(problem([&] {
              einsum("ij,jk->ik", {a, b});
            }).find("operand 2 is f64 and operand 1 is f32"),
            std::string::npos);
  EXPECT_NE(problem([&] { einsum("ij->ji", {ids}); }).find("operand 1 is i32"), std::string::npos);
  EXPECT_NE(problem([&] { einsum(plan_einsum("ij->ji", Tensors{a}), Tensors{b}); }), "none");
  const Tensor line = Tensor::zeros({1 << 16}, DType::f32);
  EXPECT_NE(problem([&] {
              einsum("a,b,c,d->abcd", {line, line, line, line});
            }).find("which no memory holds"),
            std::string::npos);
  const Tensor deep = Tensor::zeros({1, 1, 1, 1, 1}, DType::f32);
  EXPECT_NE(problem([&] { einsum("abcde,fghij->abcdefghij", {deep, deep}); }).find("at most 8"), std::string::npos);
}

TEST(Einsum, JoinsValuesOfMoreDimensionsThanATensorHas) {
  RandomStream random({57, 0, 0, 0});
  const std::vector<Sizes> shapes = {Sizes(5, 2), Sizes(5, 2), Sizes(8, 2), {2, 2}};
  const std::string text = "abcde,fghij,abcdefgh,ij->";
  const Tensors operands = random_operands(random, shapes);
  const EinsumPlan plan = plan_einsum(plan_einsum(text, operands).indices, EinsumOrder::left_to_right);
  EXPECT_EQ(plan.steps[0].result.size(), 10u);
  EXPECT_LE(tensor_error(numbers(einsum(plan, operands)), brute_force(plan.indices, all_numbers(operands), shapes)),
            1e-12);
}

}  // namespace
}  // namespace heddle::ops
