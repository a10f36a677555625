#include "trellis/kernels/random.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/kernels/cpu/families.h"
#include "trellis/ops/families.h"
#include "trellis/tests/kernels/kernel_family.h"
#include "trellis/tests/status_matchers.h"

namespace trellis::testing {
namespace {

using ::testing::HasSubstr;

// One node of a golden file, and the bits of its calls.
struct Program {
  std::string dtype;
  int64_t seed = 0;
  int64_t seed2 = 0;
  struct Call {
    int32_t elements = 0;
    std::vector<uint64_t> bits;  // of the first elements
  };
  std::vector<Call> calls;
};

// The form is that of tests/golden/gen_random_bits.py.
std::vector<Program> ReadGolden(const std::string& op) {
  std::ifstream file("tests/golden/random/" + op + ".txt");
  EXPECT_TRUE(file.is_open()) << op;
  std::vector<Program> programs;
  for (std::string line; std::getline(file, line);) {
    line = line.substr(0, line.find('#'));
    std::istringstream fields(line);
    std::string first;
    if (!(fields >> first)) continue;
    if (first.back() != ':') {
      Program program{.dtype = first};
      std::string label;
      fields >> label >> program.seed >> label >> program.seed2;
      programs.push_back(program);
      continue;
    }
    Program::Call call{.elements = std::atoi(first.c_str())};
    for (std::string bits; fields >> bits;) {
      call.bits.push_back(std::strtoull(bits.c_str(), nullptr, 16));
    }
    programs.back().calls.push_back(call);
  }
  return programs;
}

VariableState FreshCounter() { return {.value = Tensor(kUint64, {3})}; }

const KernelFamily& Random() {
  static const auto* const family =
      new KernelFamily(RegisterRandomOps, RegisterRandomCpu);
  return *family;
}

Tensor Draw(const std::string& op, DType dtype, int64_t seed, int64_t seed2,
            int32_t n, VariableState* counter, int threads = 0) {
  auto outputs = Random().RunTensors(
      op, {Tensor::Of<int32_t>({n})},
      {.attrs = {{"dtype", dtype}, {"seed", seed}, {"seed2", seed2}},
       .threads = threads,
       .random = counter});
  EXPECT_THAT(outputs, IsOk());
  return (*outputs)[0];
}

// How many representable numbers lie between two of one sign.
template <typename Bits>
uint64_t Distance(Bits a, Bits b) {
  return a < b ? b - a : a - b;
}

template <typename T, typename Bits>
void ExpectGolden(const std::string& op, const Program& program,
                  uint64_t tolerance) {
  VariableState counter = FreshCounter();
  for (const Program::Call& call : program.calls) {
    const Tensor y = Draw(op, DTypeOf<T>, program.seed, program.seed2,
                          call.elements, &counter);
    ASSERT_EQ(y.num_elements(), call.elements);
    for (size_t i = 0; i < call.bits.size(); ++i) {
      const Bits found = std::bit_cast<Bits>(y.flat<T>()[i]);
      ASSERT_LE(Distance(found, static_cast<Bits>(call.bits[i])), tolerance)
          << program.dtype << " seed " << program.seed << " seed2 "
          << program.seed2 << " element " << i << " of " << call.elements;
    }
  }
}

void ExpectGoldens(const std::string& op, uint64_t tolerance) {
  const std::vector<Program> programs = ReadGolden(op);
  EXPECT_EQ(programs.size(), 16);
  for (const Program& program : programs) {
    if (program.dtype == "float32") {
      ExpectGolden<float, uint32_t>(op, program, tolerance);
    } else {
      ExpectGolden<double, uint64_t>(op, program, tolerance);
    }
  }
}

TEST(RandomTest, UniformBitsAreTensorFlows) {
  ExpectGoldens("RandomUniform", /*tolerance=*/0);
}

// Logarithm, sine and cosine are the C library's.
TEST(RandomTest, NormalNumbersAreTensorFlows) {
  ExpectGoldens("RandomStandardNormal", /*tolerance=*/4);
  ExpectGoldens("TruncatedNormal", /*tolerance=*/4);
}

TEST(RandomTest, ThreadsDoNotChangeTheNumbers) {
  for (const char* op :
       {"RandomUniform", "RandomStandardNormal", "TruncatedNormal"}) {
    VariableState a = FreshCounter(), b = FreshCounter();
    const Tensor alone = Draw(op, kFloat32, 5, 7, 100'003, &a, /*threads=*/0);
    const Tensor team = Draw(op, kFloat32, 5, 7, 100'003, &b, /*threads=*/3);
    EXPECT_TRUE(alone.SameAs(team)) << op;
    EXPECT_TRUE(a.value.SameAs(b.value)) << op;
  }
}

TEST(RandomTest, TruncatedNormalStaysInsideTwoDeviations) {
  VariableState counter = FreshCounter();
  const Tensor y = Draw("TruncatedNormal", kFloat64, 3, 4, 10'000, &counter);
  for (double v : y.flat<double>()) ASSERT_LT(std::abs(v), 2);
}

TEST(RandomTest, CounterMovesPastEverySample) {
  VariableState counter = FreshCounter();
  Draw("RandomUniform", kFloat32, 11, 13, 3, &counter);
  EXPECT_TRUE(counter.initialized);
  EXPECT_EQ(counter.version, 1);
  EXPECT_THAT(counter.value.flat<uint64_t>(),
              ::testing::ElementsAre(11, 3 * 256, 13));
}

TEST(RandomTest, CounterCarriesIntoItsHighWord) {
  PhiloxState state{.key = 1, .counter_low = ~uint64_t{0}, .counter_high = 5};
  state.Skip(2);
  EXPECT_EQ(state.counter_low, 1);
  EXPECT_EQ(state.counter_high, 6);
}

TEST(RandomTest, ARestoredCounterContinues) {
  VariableState a = FreshCounter();
  Draw("RandomUniform", kFloat32, 11, 13, 3, &a);
  VariableState b{.value = a.value.Clone(), .initialized = true};
  EXPECT_TRUE(Draw("RandomUniform", kFloat32, 11, 13, 9, &a)
                  .SameAs(Draw("RandomUniform", kFloat32, 11, 13, 9, &b)));
}

TEST(RandomTest, TwoZeroSeedsMeanAnyNumbers) {
  VariableState a = FreshCounter(), b = FreshCounter();
  EXPECT_FALSE(Draw("RandomUniform", kFloat32, 0, 0, 9, &a)
                   .SameAs(Draw("RandomUniform", kFloat32, 0, 0, 9, &b)));
}

TEST(RandomTest, IntegersFillTheirRange) {
  VariableState counter = FreshCounter();
  auto y = Random().RunTensors(
      "RandomUniformInt",
      {Ints({1000}), Tensor::Scalar<int32_t>(-3), Tensor::Scalar<int32_t>(4)},
      {.attrs = {{"seed", 1}, {"seed2", 2}}, .random = &counter});
  ASSERT_THAT(y, IsOk());
  int seen[7] = {};
  for (int32_t v : (*y)[0].flat<int32_t>()) {
    ASSERT_GE(v, -3);
    ASSERT_LT(v, 4);
    ++seen[v + 3];
  }
  EXPECT_THAT(seen, ::testing::Each(::testing::Gt(80)));
}

TEST(RandomTest, AnEmptyRangeIsAnError) {
  VariableState counter = FreshCounter();
  EXPECT_THAT(Random().RunTensors("RandomUniformInt",
                                  {Ints({2}), Tensor::Scalar<int32_t>(4),
                                   Tensor::Scalar<int32_t>(4)},
                                  {.values_known = false, .random = &counter}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("minval is 4, maxval 4")));
}

}  // namespace
}  // namespace trellis::testing
