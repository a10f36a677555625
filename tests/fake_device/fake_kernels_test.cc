#include "trellis/tests/fake_device/fake_kernels.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/base/team.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/op_schema.h"
#include "trellis/graph/shape_context.h"
#include "trellis/graph/tensor.h"
#include "trellis/kernels/cpu/cpu.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"
#include "trellis/tests/fake_device/fake_device.h"
#include "trellis/tests/fake_device/fake_stream.h"
#include "trellis/tests/graph_inputs.h"
#include "trellis/tests/kernel_testing.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using testing::AddConstant;
using testing::AddInput;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::RunKernel;
using testing::StatusIs;

// ---- a few ops and their kernels for the CPU

class AddKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    n_ = c.output_shape(0).num_elements();
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    return Cpu::ForEach(
        c, n_,
        [a = c.input<float>(0), b = c.input<float>(1),
         y = c.output<float>(0)](int64_t i) { y[i] = a[i] + b[i]; });
  }

 private:
  int64_t n_ = 0;
};

// y[i] = x[i] * factor, through scratch memory; `factor` is on the host.
class ScaleKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    n_ = c.output_shape(0).num_elements();
    c.RequestScratch(n_ * sizeof(float));
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    float* scratch = static_cast<float*>(c.scratch());
    const float factor = *c.input<float>(1);
    for (int64_t i = 0; i < n_; ++i) scratch[i] = c.input<float>(0)[i] * factor;
    for (int64_t i = 0; i < n_; ++i) c.output<float>(0)[i] = scratch[i];
    return absl::OkStatus();
  }

 private:
  int64_t n_ = 0;
};

// Fails where an element is not positive.
class CheckKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    n_ = c.output_shape(0).num_elements();
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    return Cpu::ForEachChecked(
        c, n_,
        [x = c.input<float>(0), y = c.output<float>(0)](int64_t i) {
          y[i] = x[i];
          return x[i] > 0;
        },
        [](int64_t i) {
          return absl::OutOfRangeError(absl::StrCat("element ", i));
        });
  }

 private:
  int64_t n_ = 0;
};

class AssignKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    n_ = c.input_shape(1).num_elements();
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    std::copy_n(c.input<float>(1), n_, c.variable<float>(0));
    c.variable_state(0).initialized = true;
    ++c.variable_state(0).version;
    return absl::OkStatus();
  }

 private:
  int64_t n_ = 0;
};

class IsInitializedKernel final : public Kernel {
 public:
  absl::Status Run(RunContext& c) const override {
    *c.output<bool>(0) = c.variable_state(0).initialized;
    return absl::OkStatus();
  }
};

class ReplaceKernel final : public Kernel {
 public:
  absl::Status Run(RunContext& c) const override {
    return c.AllocateVariable(0, kFloat32, {5});
  }
};

// The next number of the node's counter.
class CountKernel final : public Kernel {
 public:
  absl::Status Run(RunContext& c) const override {
    uint64_t& counter = c.random_state().value.flat<uint64_t>()[0];
    *c.output<float>(0) = static_cast<float>(counter++);
    return absl::OkStatus();
  }
};

// Its output is on the host.
class RankKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    rank_ = c.input_shape(0).rank();
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    *c.output<float>(0) = static_cast<float>(rank_);
    return absl::OkStatus();
  }

 private:
  int rank_ = 0;
};

// Says that its output is on the host, and looks at what is not.
class PeekKernel final : public Kernel {
 public:
  absl::Status Run(RunContext& c) const override {
    *c.output<float>(0) = *c.input<float>(0);
    return absl::OkStatus();
  }
};

OpSchema Op(std::string name, std::vector<ArgSchema> inputs,
            std::vector<ArgSchema> outputs, ShapeFunction shape) {
  return {.name = std::move(name),
          .doc = "Of a test.",
          .inputs = std::move(inputs),
          .outputs = std::move(outputs),
          .attrs = {TypeAttr("T")},
          .shape = shape,
          .not_differentiable = "of a test"};
}

ArgSchema Ref(Effect effect) {
  return {.name = "ref", .type = "T", .is_ref = true, .effect = effect};
}

OpSchema Random(OpSchema schema) {
  schema.random = true;
  schema.stateful = true;
  return schema;
}

OpSchema Stateful(OpSchema schema) {
  schema.stateful = true;
  return schema;
}

void RegisterTestOps(OpRegistry& ops) {
  ops.Add(Op("Add", {{"a", "T"}, {"b", "T"}}, {{"y", "T"}}, UnchangedShape));
  ops.Add(
      Op("Scale", {{"x", "T"}, {"factor", "T"}}, {{"y", "T"}}, UnchangedShape));
  ops.Add(Op("Check", {{"x", "T"}}, {{"y", "T"}}, UnchangedShape));
  ops.Add(Op(
      "Assign", {Ref(Effect::kWrite), {"value", "T"}},
      {{.name = "output_ref", .type = "T", .is_ref = true, .forwards_ref = 0}},
      UnchangedShape));
  ops.Add(
      Op("IsInitialized", {Ref(Effect::kRead)}, {{"y", "bool"}}, ScalarShape));
  ops.Add(Op("Replace", {Ref(Effect::kWrite)}, {}, NoOutputs));
  ops.Add(Random(Op("Count", {{"x", "T"}}, {{"y", "T"}}, ScalarShape)));
  ops.Add(Op("Rank", {{"x", "T"}}, {{"y", "T"}}, ScalarShape));
  ops.Add(Op("Peek", {{"x", "T"}}, {{"y", "T"}}, ScalarShape));
  ops.Add(Op("Unknown", {{"x", "T"}}, {{"y", "T"}}, UnknownShape));
  ops.Add(Op("Text", {{"x", "string"}}, {{"y", "T"}}, UnknownShape));
  ops.Add(Stateful(Op("Print", {{"x", "T"}}, {{"y", "T"}}, UnchangedShape)));
}

void RegisterTestKernels(KernelRegistry& kernels) {
  kernels.Add<AddKernel>("Add", kCpu, kFloat32);
  kernels.Add<ScaleKernel>("Scale", kCpu, kFloat32, {.host_inputs = {1}});
  kernels.Add<CheckKernel>("Check", kCpu, kFloat32);
  kernels.Add<AssignKernel>("Assign", kCpu, kFloat32);
  kernels.Add<IsInitializedKernel>("IsInitialized", kCpu, kInvalid);
  kernels.Add<ReplaceKernel>("Replace", kCpu, kFloat32);
  kernels.Add<CountKernel>("Count", kCpu, kFloat32);
  kernels.Add<RankKernel>("Rank", kCpu, kFloat32, {.host_outputs = {0}});
  kernels.Add<PeekKernel>("Peek", kCpu, kFloat32, {.host_outputs = {0}});
  kernels.Add<AddKernel>("Unknown", kCpu, kFloat32);
  kernels.Add<AddKernel>("Text", kCpu, kInvalid);
  kernels.Add<AddKernel>("Print", kCpu, kFloat32);
}

class FakeKernelsTest : public ::testing::Test {
 protected:
  FakeKernelsTest() {
    RegisterTestOps(ops_);
    RegisterTestKernels(kernels_);
    RegisterFakeKernels(kernels_, ops_, kernels_);
    auto device =
        FakeDevice::Make(0, {.memory_bytes = 1 << 20, .faults = &faults_});
    EXPECT_THAT(device, IsOk());
    device_ = *std::move(device);
  }

  absl::StatusOr<std::vector<Tensor>> Run(
      absl::string_view op, const std::vector<testing::KernelInput>& inputs,
      VariableState* random = nullptr) {
    return RunKernel(ops_, kernels_, op, inputs,
                     {.device = device_.get(), .random = random});
  }

  // Uninitialized numbers in the device's memory.
  Tensor OnDevice(const Shape& shape) {
    auto buffer = device_->Allocate(shape.num_elements() * sizeof(float), "");
    EXPECT_THAT(buffer, IsOk());
    return Tensor(kFloat32, shape, *std::move(buffer));
  }

  std::vector<float> Values(const Tensor& on_device) {
    std::vector<float> values(on_device.num_elements());
    const auto stream = device_->NewStream();
    EXPECT_THAT(device_->CopyToHost(*stream, 0, values.data(), on_device.data(),
                                    on_device.bytes()),
                IsOk());
    EXPECT_THAT(stream->WaitFor(stream->Record()), IsOk());
    return values;
  }

  FakeFaults faults_;
  OpRegistry ops_;
  KernelRegistry kernels_;
  std::unique_ptr<FakeDevice> device_;
};

using FakeKernelsDeathTest = FakeKernelsTest;

TEST_F(FakeKernelsTest, ComputesWhatTheCpuComputes) {
  const auto y = Run(
      "Add", {Tensor::Of<float>({1, 2, 3}), Tensor::Of<float>({10, 20, 30})});
  ASSERT_THAT(y, IsOk());
  EXPECT_THAT((*y)[0].flat<float>(), ElementsAre(11, 22, 33));
}

TEST_F(FakeKernelsTest, EmptyOperandsNeedNoMemory) {
  const auto y =
      Run("Add", {Tensor(kFloat32, {0, 3}), Tensor(kFloat32, {0, 3})});
  ASSERT_THAT(y, IsOk());
  EXPECT_EQ((*y)[0].shape(), Shape({0, 3}));
}

TEST_F(FakeKernelsTest, HostInputsAndScratch) {
  const auto y =
      Run("Scale", {Tensor::Of<float>({1, 2, 3}), Tensor::Scalar(2.0f)});
  ASSERT_THAT(y, IsOk());
  EXPECT_THAT((*y)[0].flat<float>(), ElementsAre(2, 4, 6));
}

TEST_F(FakeKernelsTest, HostOutputsAreThereAtOnce) {
  const auto y = Run("Rank", {Tensor(kFloat32, {2, 3})});
  ASSERT_THAT(y, IsOk());
  EXPECT_THAT((*y)[0].flat<float>(), ElementsAre(2));
}

TEST_F(FakeKernelsDeathTest, HostCodeThatLooksAtTheDeviceFaults) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH((void)Run("Peek", {Tensor::Of<float>({1})}), "");
}

TEST_F(FakeKernelsTest, ErrorsOfElementsAreLate) {
  EXPECT_THAT(Run("Check", {Tensor::Of<float>({1, 2, -3, -4})}),
              StatusIs(absl::StatusCode::kOutOfRange, "element 2"));
}

TEST_F(FakeKernelsTest, FailsWhenToldTo) {
  faults_.FailAt("Check", 2, absl::AbortedError("as told"));
  const std::vector<testing::KernelInput> x = {Tensor::Of<float>({1})};
  EXPECT_THAT(Run("Check", x), IsOk());
  EXPECT_THAT(Run("Check", x), StatusIs(absl::StatusCode::kAborted, "as told"));
  EXPECT_THAT(Run("Check", x), IsOk());
}

TEST_F(FakeKernelsTest, AssignsAVariableOfTheDevice) {
  VariableState v;
  v.value = OnDevice({2});
  ASSERT_THAT(Run("Assign", {&v, Tensor::Of<float>({5, 6})}), IsOk());
  EXPECT_TRUE(v.initialized);
  EXPECT_EQ(v.version, 1);
  EXPECT_THAT(Values(v.value), ElementsAre(5, 6));
}

TEST_F(FakeKernelsTest, AVariableOfTheHostIsAnInternalError) {
  VariableState v;
  v.value = Tensor(kFloat32, {2});
  EXPECT_THAT(Run("Assign", {&v, Tensor::Of<float>({5, 6})}),
              StatusIs(absl::StatusCode::kInternal,
                       AllOf(HasSubstr("Assign"), HasSubstr("input 0"))));
  EXPECT_FALSE(v.initialized);
}

TEST_F(FakeKernelsTest, MemoryOfVariablesIsNotReplaced) {
  VariableState v;
  v.value = OnDevice({2});
  const void* before = v.value.data();
  EXPECT_THAT(Run("Replace", {&v}), StatusIs(absl::StatusCode::kUnimplemented));
  EXPECT_EQ(v.value.data(), before);
}

TEST_F(FakeKernelsTest, RandomCountersMoveOn) {
  VariableState counter;
  counter.value = Tensor::Of<uint64_t>({7, 0, 0});
  const auto y = Run("Count", {Tensor::Scalar(0.0f)}, &counter);
  ASSERT_THAT(y, IsOk());
  EXPECT_THAT((*y)[0].flat<float>(), ElementsAre(7));
  EXPECT_EQ(counter.value.flat<uint64_t>()[0], 8);
}

TEST_F(FakeKernelsTest, ShapesThatOnlyARunFindsOutAreUnimplemented) {
  EXPECT_THAT(
      Run("Unknown", {Tensor::Of<float>({1})}),
      StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("output 0")));
}

TEST_F(FakeKernelsTest, RegistersWhatADeviceOfNumbersCanHave) {
  std::vector<std::string> not_here;
  for (const char* op : {"Add", "Assign", "Count", "Print", "Text"}) {
    bool found = false;
    for (const KernelEntry* entry : kernels_.EntriesOf(op)) {
      found = found || entry->device_type == kFake;
    }
    if (!found) not_here.push_back(op);
  }
  EXPECT_THAT(not_here, ElementsAre("Print", "Text"));
  for (const KernelEntry* entry : kernels_.EntriesOf("IsInitialized")) {
    if (entry->device_type == kFake) {
      EXPECT_GT(DTypeSize(entry->dtype), 0);
    }
  }
}

// ---- what happens when Run is called, and what later

// A kernel and the tables of its run, of which every slot has one entry.
struct Step {
  std::unique_ptr<Kernel> kernel;
  std::vector<Slot> slots;
  std::vector<char*> data;
  std::vector<VariableState*> variables;
  Operands operands;
};

class EnqueueTest : public FakeKernelsTest {
 protected:
  EnqueueTest() : graph_(ops_), stream_(device_->NewStream()) {}
  ~EnqueueTest() override { stream_ = nullptr; }

  // `operands`: inputs, then outputs, then scratch if there is any.
  Step Prepare(const std::string& op, std::vector<Output> inputs,
               const std::vector<Tensor>& operands,
               const std::vector<VariableState*>& variables) {
    absl::StatusOr<Node*> node = graph_.TryAddNode(
        {.name = graph_.UniqueName(op), .op = op, .inputs = inputs});
    EXPECT_THAT(node, IsOk());
    for (Output input : inputs) shapes_.push_back(input.shape());
    for (int i = 0; i < (*node)->num_outputs(); ++i) {
      shapes_.push_back((*node)->output_shape(i));
    }
    values_.resize(inputs.size());
    const auto shapes = absl::MakeConstSpan(shapes_);
    PrepareContext context(**node, shapes.first(inputs.size()),
                           shapes.subspan(inputs.size()), values_);
    Step step{.kernel = kernels_.Find(**node, kFake)->make()};
    EXPECT_THAT(step.kernel->Prepare(context), IsOk());
    for (size_t i = 0; i < operands.size(); ++i) {
      step.slots.push_back({.base = static_cast<uint32_t>(i)});
      step.data.push_back(static_cast<char*>(operands[i].data()));
      step.variables.push_back(i < variables.size() ? variables[i] : nullptr);
    }
    step.operands = {.slots = step.slots.data(),
                     .num_inputs = static_cast<int>(inputs.size()),
                     .scratch = step.slots.back()};
    return step;
  }

  absl::Status Enqueue(Step& step, int number = 0) {
    RunContext c({.data = step.data.data(),
                  .variables = step.variables.data(),
                  .owned = nullptr},
                 team_, never_, RunContext::kNoDeadline, nullptr);
    c.Bind(number, &step.operands, stream_.get());
    return step.kernel->Run(c);
  }

  void Close() {
    static_cast<FakeStream&>(*stream_).Enqueue(
        -1, [gate = gate_.get_future().share()] {
          gate.wait();
          return absl::OkStatus();
        });
  }
  absl::Status OpenAndWait() {
    gate_.set_value();
    return stream_->WaitFor(stream_->Record());
  }

  Graph graph_;
  Team team_{0};
  std::atomic<bool> never_ = false;
  std::vector<Shape> shapes_;
  std::vector<const Tensor*> values_;
  std::promise<void> gate_;
  std::unique_ptr<Stream> stream_;
};

TEST_F(EnqueueTest, HostInputsAreReadWhenRunIsCalled) {
  Tensor factor = Tensor::Scalar(2.0f);
  const Tensor x = OnDevice({2}), y = OnDevice({2}), scratch = OnDevice({2});
  const std::vector<float> values = {1, 2};
  ASSERT_THAT(device_->CopyFromHost(*stream_, 0, x.data(), values.data(), 8),
              IsOk());
  Step step = Prepare("Scale",
                      {AddInput(graph_, kFloat32, {2}),
                       AddInput(graph_, kFloat32, Shape::Scalar())},
                      {x, factor, y, scratch}, {});
  Close();
  ASSERT_THAT(Enqueue(step), IsOk());
  factor.flat<float>()[0] = 100;
  ASSERT_THAT(OpenAndWait(), IsOk());
  EXPECT_THAT(Values(y), ElementsAre(2, 4));
}

TEST_F(EnqueueTest, VariablesChangeForTheHostWhenRunIsCalled) {
  VariableState v;
  v.value = OnDevice({1});
  const Tensor value = OnDevice({1}), before = OnDevice(Shape::Scalar()),
               after = OnDevice(Shape::Scalar());
  const Output ref = AddInput(graph_, MakeRef(kFloat32), {1});
  Step is_initialized =
      Prepare("IsInitialized", {ref}, {v.value, before}, {&v});
  shapes_.clear();
  Step assign = Prepare("Assign", {ref, AddInput(graph_, kFloat32, {1})},
                        {v.value, value, Tensor()}, {&v});
  shapes_.clear();
  Step is_initialized_now =
      Prepare("IsInitialized", {ref}, {v.value, after}, {&v});
  Close();
  ASSERT_THAT(Enqueue(is_initialized), IsOk());
  ASSERT_THAT(Enqueue(assign), IsOk());
  EXPECT_TRUE(v.initialized);
  EXPECT_EQ(v.version, 1);
  ASSERT_THAT(Enqueue(is_initialized_now), IsOk());
  ASSERT_THAT(OpenAndWait(), IsOk());
  EXPECT_EQ(v.version, 1);
  const auto first_byte = [&](const Tensor& t) {
    const float value = Values(t)[0];
    char byte;
    std::memcpy(&byte, &value, 1);
    return byte;
  };
  EXPECT_EQ(first_byte(before), 0);
  EXPECT_EQ(first_byte(after), 1);
}

TEST_F(EnqueueTest, OperandsOfTheHostAreInternalErrors) {
  const Tensor here(kFloat32, {2}), there = OnDevice({2});
  const Output x = AddInput(graph_, kFloat32, {2});
  Step step = Prepare("Add", {x, x}, {there, here, there}, {});
  EXPECT_THAT(Enqueue(step),
              StatusIs(absl::StatusCode::kInternal,
                       AllOf(HasSubstr("Add"), HasSubstr("input 1"))));
  shapes_.clear();
  Step output = Prepare("Add", {x, x}, {there, there, here}, {});
  EXPECT_THAT(Enqueue(output),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("output 0")));
}

TEST_F(EnqueueTest, HostInputsOnTheDeviceAreInternalErrors) {
  const Tensor there = OnDevice(Shape::Scalar());
  const Output x = AddInput(graph_, kFloat32, Shape::Scalar());
  Step step = Prepare("Scale", {x, x}, {there, there, there, there}, {});
  EXPECT_THAT(Enqueue(step),
              StatusIs(absl::StatusCode::kInternal,
                       AllOf(HasSubstr("input 1"), HasSubstr("host"))));
}

TEST_F(EnqueueTest, ALateErrorHasItsStep) {
  faults_.FailAt("Add", 1, absl::AbortedError("late"));
  const Tensor t = OnDevice({2});
  const Output x = AddInput(graph_, kFloat32, {2});
  Step step = Prepare("Add", {x, x}, {t, t, t}, {});
  Close();
  EXPECT_THAT(Enqueue(step, 17), IsOk());
  EXPECT_THAT(OpenAndWait(), StatusIs(absl::StatusCode::kAborted, "late"));
  EXPECT_EQ(stream_->failed_step(), 17);
}

}  // namespace
}  // namespace trellis
