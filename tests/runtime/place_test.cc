// Example numbers are those of the semantics reference; cases marked "golden"
// were run with TensorFlow 1.15.
#include "trellis/runtime/compile/place.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/op_schema.h"
#include "trellis/graph/shape_context.h"
#include "trellis/runtime/compile/internal_ops.h"
#include "trellis/runtime/device.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsOkAndHolds;
using ::testing::IsSupersetOf;
using ::testing::Pair;
using testing::StatusIs;

constexpr auto kInvalidArgument = absl::StatusCode::kInvalidArgument;

class NoKernel final : public Kernel {
 public:
  absl::Status Run(RunContext&) const override { return absl::OkStatus(); }
};

class Accelerator final : public Device {
 public:
  using Device::Device;
  bool is_host() const override { return false; }
  std::string description() const override { return "of a test"; }
  absl::StatusOr<std::shared_ptr<Buffer>> Allocate(size_t,
                                                   absl::string_view) override {
    return absl::ResourceExhaustedError("no memory");
  }
};

OpSchema Op(std::string name, std::vector<ArgSchema> inputs,
            std::vector<ArgSchema> outputs, std::vector<AttrSchema> attrs) {
  return {.name = std::move(name),
          .doc = "Of a test.",
          .inputs = std::move(inputs),
          .outputs = std::move(outputs),
          .attrs = std::move(attrs),
          .shape = UnknownShape,
          .not_differentiable = "of a test"};
}

OpSchema Unary(std::string name) {
  return Op(std::move(name), {{"x", "T"}}, {{"y", "T"}}, {TypeAttr("T")});
}

OpSchema View(OpSchema schema) {
  schema.view_of = 0;
  return schema;
}

OpSchema Variable(OpSchema schema) {
  schema.variable = true;
  schema.stateful = true;
  return schema;
}

OpSchema Metadata(std::string name) {
  OpSchema schema =
      Op(std::move(name), {{"x", "T"}}, {{"y", "int32"}}, {TypeAttr("T")});
  schema.metadata = true;
  return schema;
}

void RegisterTestOps(OpRegistry& ops) {
  OpSchema constant =
      Op("Const", {}, {{"output", "dtype"}}, {TypeAttr("dtype")});
  constant.constant = true;
  ops.Add(constant);
  ops.Add(Op("Random", {}, {{"output", "dtype"}}, {TypeAttr("dtype")}));
  for (const char* name : {"Neg", "CpuOnly", "GpuOnly", "NoKernel"}) {
    ops.Add(Unary(name));
  }
  ops.Add(Op("Add", {{"x", "T"}, {"y", "T"}}, {{"z", "T"}}, {TypeAttr("T")}));
  ops.Add(View(Unary("Identity")));
  for (const char* name : {"Shape", "Size", "Rank"}) ops.Add(Metadata(name));
  ops.Add(Op("ShapeN", {{.name = "x", .type = "T", .number = "N"}},
             {{.name = "y", .type = "int32", .number = "N"}},
             {NumberAttr("N"), TypeAttr("T")}));
  ops.Add(Op("NoOp", {}, {}, {}));
  ops.Add(Variable(Op("VariableV2", {},
                      {{.name = "ref", .type = "dtype", .is_ref = true}},
                      {TypeAttr("dtype")})));
  ops.Add(Variable(
      Op("VarHandleOp", {}, {{"resource", "resource"}}, {TypeAttr("dtype")})));
  ops.Add(Op(
      "Assign", {{.name = "ref", .type = "T", .is_ref = true}, {"value", "T"}},
      {{.name = "output_ref", .type = "T", .is_ref = true, .forwards_ref = 0}},
      {TypeAttr("T")}));
  ops.Add(Op("RefMerge",
             {{.name = "inputs", .type = "T", .number = "N", .is_ref = true}},
             {{.name = "output", .type = "T", .is_ref = true}},
             {NumberAttr("N"), TypeAttr("T")}));
  ops.Add(Op("AssignVariableOp", {{"resource", "resource"}, {"value", "dtype"}},
             {}, {TypeAttr("dtype")}));
  ops.Add(View(Op("ReadVariableOp", {{"resource", "resource"}},
                  {{"value", "dtype"}}, {TypeAttr("dtype")})));
  RegisterInternalOps(ops);
}

struct NodeOptions {
  std::string device = "";
  std::vector<std::string> colocated = {};  // names for _class
  std::vector<Node*> after = {};
};

// A graph, the kernels of its ops, and devices to place it on.
class PlaceTest : public ::testing::Test {
 protected:
  PlaceTest() {
    RegisterTestOps(ops_);
    graph_ = std::make_unique<Graph>(ops_);
    for (const char* op :
         {"Random", "Neg", "Add", "Shape", "Size", "Rank", "ShapeN", "Assign",
          "RefMerge", "AssignVariableOp"}) {
      kernels_.Add<NoKernel>(op, kCpu, kInvalid);
      kernels_.Add<NoKernel>(op, kGpu, kInvalid);
    }
    kernels_.Add<NoKernel>("CpuOnly", kCpu, kFloat32);
    kernels_.Add<NoKernel>("GpuOnly", kGpu, kInvalid);
  }

  Node* Add(const std::string& name, const std::string& op,
            std::vector<Output> inputs = {}, NodeOptions options = {},
            AttrMap attrs = {}) {
    if (!options.colocated.empty()) {
      for (std::string& text : options.colocated) text = "loc:@" + text;
      attrs.emplace_back("_class", options.colocated);
    }
    absl::StatusOr<Node*> node =
        graph_->TryAddNode({.name = name,
                            .op = op,
                            .inputs = std::move(inputs),
                            .control_inputs = options.after,
                            .attrs = std::move(attrs),
                            .device = options.device});
    EXPECT_THAT(node, IsOk());
    return node.ok() ? *node : graph_->error_node();
  }

  // A node without inputs: a constant, a variable, a handle.
  Output Source(const std::string& name, const std::string& op,
                NodeOptions options = {}, DType dtype = kFloat32) {
    return Add(name, op, {}, std::move(options), {{"dtype", dtype}})->output();
  }

  Output Constant(const std::string& name, NodeOptions options = {}) {
    return Source(name, "Const", std::move(options));
  }

  Output Unary(const std::string& name, const std::string& op, Output x,
               NodeOptions options = {}) {
    return Add(name, op, {x}, std::move(options))->output();
  }

  DeviceSet Devices() const {
    DeviceRegistry registry;
    RegisterCpuDevices(registry);
    registry.Add({.type = std::string(kGpu),
                  .priority = 1,
                  .make = [](const DeviceRequest& request) {
                    std::vector<std::unique_ptr<Device>> devices;
                    for (int i = 0; i < request.count; ++i) {
                      devices.push_back(std::make_unique<Accelerator>(
                          LocalDeviceName(kGpu, i), std::string(kGpu)));
                    }
                    return devices;
                  }});
    auto devices = DeviceSet::Make(
        registry, {{std::string(kCpu), cpus_}, {std::string(kGpu), gpus_}});
    EXPECT_THAT(devices, IsOk());
    return *std::move(devices);
  }

  absl::StatusOr<Placement> TryPlace(bool soft = false) const {
    PlacementOptions options = options_;
    options.allow_soft_placement = soft;
    return Place(*graph_, Devices(), kernels_, options);
  }

  // Node name -> "CPU:1".
  absl::StatusOr<std::map<std::string, std::string>> Places(
      bool soft = false) const {
    const DeviceSet devices = Devices();
    PlacementOptions options = options_;
    options.allow_soft_placement = soft;
    absl::StatusOr<Placement> placement =
        Place(*graph_, devices, kernels_, options);
    if (!placement.ok()) return placement.status();
    std::map<std::string, std::string> places;
    for (const Node* node : graph_->nodes()) {
      const std::string& name =
          devices.device(placement->device[node->id()]).name();
      const std::vector<std::string> parts = absl::StrSplit(name, "device:");
      places[node->name()] = parts.back();
    }
    return places;
  }

  std::string Why(Output output) const {
    absl::StatusOr<Placement> placement = TryPlace();
    EXPECT_THAT(placement, IsOk());
    return placement->why[output.node->id()];
  }

  int cpus_ = 2;
  int gpus_ = 0;
  PlacementOptions options_;
  OpRegistry ops_;
  std::unique_ptr<Graph> graph_;
  KernelRegistry kernels_;
};

MATCHER_P(Holds, entries, "") {
  return ::testing::ExplainMatchResult(IsOkAndHolds(IsSupersetOf(entries)), arg,
                                       result_listener);
}
using Entries = std::vector<std::pair<const std::string, std::string>>;

#define EXPECT_PLACES(places, ...) \
  EXPECT_THAT(places, Holds(Entries{__VA_ARGS__}))

// ---- devices and kernels (R5.1 - R5.3)

TEST_F(PlaceTest, TheFirstCpuIsTheDefault) {  // golden R5.1
  cpus_ = 3;
  const Output a = Constant("a");
  Unary("b", "Neg", a);
  Unary("c", "Neg", a, {.device = "/device:CPU:1"});
  EXPECT_PLACES(Places(), {"a", "CPU:0"}, {"b", "CPU:0"}, {"c", "CPU:1"});
}

TEST_F(PlaceTest, PrefersTheTypeOfHigherPriority) {
  gpus_ = 2;
  Unary("b", "Neg", Constant("a"));
  EXPECT_PLACES(Places(), {"a", "GPU:0"}, {"b", "GPU:0"});
}

TEST_F(PlaceTest, AnOpWithoutKernelIsAnError) {  // golden R5.2
  Unary("n", "NoKernel", Constant("a"));
  for (bool soft : {false, true}) {
    EXPECT_THAT(Places(soft),
                StatusIs(kInvalidArgument,
                         AllOf(HasSubstr("operation n"), HasSubstr("NoKernel"),
                               HasSubstr("T=float32"), HasSubstr("(CPU)"))));
  }
}

TEST_F(PlaceTest, KernelsOfOtherTypesAreListed) {
  Unary("n", "CpuOnly", Source("a", "Const", {}, kFloat64));
  EXPECT_THAT(Places(),
              StatusIs(kInvalidArgument, AllOf(HasSubstr("T=float64"),
                                               HasSubstr("CPU float32"))));
}

TEST_F(PlaceTest, UnreadableRequestsNameTextAndNode) {  // golden R5.15-c
  Constant("a", {.device = "not a device"});
  for (bool soft : {false, true}) {
    EXPECT_THAT(Places(soft),
                StatusIs(kInvalidArgument, AllOf(HasSubstr("not a device"),
                                                 HasSubstr("requested by a"))));
  }
}

TEST_F(PlaceTest, NoDevicesAtAllIsAFailedPrecondition) {
  Constant("a");
  EXPECT_THAT(Place(*graph_, DeviceSet(), kernels_, {}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

// ---- groups (R5.4 - R5.10)

TEST_F(PlaceTest, ReferenceEdgesPullToTheVariable) {  // golden R5.5-a
  const Output v = Source("v", "VariableV2", {.device = "/device:CPU:1"});
  Add("a", "Assign", {v, Constant("a/value")});
  const Output read = Unary("v/read", "Identity", v, {.colocated = {"v"}});
  Unary("n", "Neg", read);
  Unary("read", "Identity", v);
  EXPECT_PLACES(Places(), {"v", "CPU:1"}, {"a", "CPU:1"}, {"a/value", "CPU:1"},
                {"v/read", "CPU:1"}, {"n", "CPU:0"}, {"read", "CPU:0"});
}

TEST_F(PlaceTest, HandlesPullToTheVariable) {  // golden R5.5-a
  const Output v = Source("v", "VarHandleOp", {.device = "/device:CPU:1"});
  Add("a", "AssignVariableOp", {v, Constant("c")});
  const Output r =
      Add("r", "ReadVariableOp", {v}, {}, {{"dtype", kFloat32}})->output();
  Unary("n", "Neg", r);
  EXPECT_PLACES(Places(), {"v", "CPU:1"}, {"a", "CPU:1"}, {"c", "CPU:1"},
                {"r", "CPU:1"}, {"n", "CPU:0"});
}

TEST_F(PlaceTest, ColocationIsNotChained) {  // golden R5.5-b
  const Output x = Constant("x", {.device = "/device:CPU:1"});
  const Output y = Unary("y", "Identity", x, {.colocated = {"x"}});
  Unary("z", "Identity", y, {.colocated = {"y"}});
  EXPECT_PLACES(Places(), {"x", "CPU:1"}, {"y", "CPU:1"}, {"z", "CPU:0"});
}

TEST_F(PlaceTest, ColocationWithANodeThatDoesNotExist) {  // golden R5.5-c
  const Output y = Constant("y", {.colocated = {"ghost"}});
  Unary("z", "Identity", y, {"/device:CPU:1", {"ghost"}});
  EXPECT_PLACES(Places(), {"y", "CPU:1"}, {"z", "CPU:1"});
}

TEST_F(PlaceTest, ContradictingRequestsOfAGroup) {  // golden R5.6-a
  const Output x = Constant("x", {.device = "/device:CPU:1"});
  Unary("y", "Identity", x, {"/device:CPU:0", {"x"}});
  EXPECT_THAT(Places(),
              StatusIs(kInvalidArgument, AllOf(HasSubstr("operation y"),
                                               HasSubstr("/device:CPU:0"),
                                               HasSubstr("/device:CPU:1"))));
  EXPECT_PLACES(Places(true), {"x", "CPU:0"}, {"y", "CPU:0"});
}

TEST_F(PlaceTest, TheGroupFillsInMissingFields) {  // golden R5.6-b
  const Output x = Constant("x", {.device = "/device:CPU:1"});
  const Output y = Unary("y", "Identity", x, {"/device:CPU:*", {"x"}});
  Unary("z", "Identity", y, {"/job:localhost", {"x"}});
  EXPECT_PLACES(Places(), {"x", "CPU:1"}, {"y", "CPU:1"}, {"z", "CPU:1"});
}

TEST_F(PlaceTest, TasksAreNeverSoftened) {  // golden R5.6-c
  const Output x = Constant("x", {.device = "/task:0"});
  Unary("y", "Identity", x, {"/task:1", {"x"}});
  EXPECT_THAT(Places(), StatusIs(kInvalidArgument));
  EXPECT_THAT(Places(true),
              StatusIs(kInvalidArgument,
                       AllOf(HasSubstr("operation y"), HasSubstr("/task:1"))));
}

TEST_F(PlaceTest, TheVariableWinsOverARequest) {  // golden R5.9
  const Output k = Constant("k");
  const Output v = Source("v", "VariableV2", {.device = "/device:CPU:1"});
  Add("u", "Assign", {v, k}, {.device = "/device:CPU:0"});
  const Output h = Source("h", "VarHandleOp", {.device = "/device:CPU:1"});
  Add("w", "AssignVariableOp", {h, k}, {.device = "/device:CPU:0"});
  for (bool soft : {false, true}) {
    EXPECT_PLACES(Places(soft), {"v", "CPU:1"}, {"u", "CPU:1"}, {"k", "CPU:1"},
                  {"h", "CPU:1"}, {"w", "CPU:1"});
  }
}

TEST_F(PlaceTest, TwoVariablesOnTwoDevicesCannotMeet) {  // golden R5.9-b
  const Output v = Source("v", "VariableV2", {.device = "/device:CPU:0"});
  const Output w = Source("w", "VariableV2", {.device = "/device:CPU:1"});
  Add("m", "RefMerge", {v, w}, {"/device:CPU:0", {"v"}});
  for (bool soft : {false, true}) {
    EXPECT_THAT(Places(soft),
                StatusIs(kInvalidArgument, AllOf(HasSubstr("operation m"),
                                                 HasSubstr("/device:CPU:0"),
                                                 HasSubstr("/device:CPU:1"))));
  }
}

TEST_F(PlaceTest, NoCommonDeviceTypeNamesBothNodes) {  // R5.7
  gpus_ = 1;
  const Output v = Unary("v", "GpuOnly", Constant("x"));
  Unary("y", "CpuOnly", v, {.colocated = {"v"}});
  EXPECT_THAT(Places(),
              StatusIs(kInvalidArgument,
                       AllOf(HasSubstr("v and y"), HasSubstr("(GpuOnly: GPU)"),
                             HasSubstr("(CpuOnly: CPU)"))));
  // R5.10: the colocation is ignored.
  EXPECT_PLACES(Places(true), {"v", "GPU:0"}, {"y", "CPU:0"});
}

TEST_F(PlaceTest, AVariableGoesWhereItsUsersHaveKernels) {
  gpus_ = 1;
  kernels_.Add<NoKernel>("AssignHere", kCpu, kInvalid);
  OpSchema schema =
      Op("AssignHere", {{.name = "ref", .type = "T", .is_ref = true}}, {},
         {TypeAttr("T")});
  ops_.Add(schema);
  const Output v = Source("v", "VariableV2");
  Add("a", "AssignHere", {v});
  Source("w", "VariableV2");
  EXPECT_PLACES(Places(), {"v", "CPU:0"}, {"a", "CPU:0"}, {"w", "GPU:0"});
}

TEST_F(PlaceTest, StringsStayInTheMemoryOfTheHost) {
  gpus_ = 1;
  const Output s = Source("s", "Const", {}, kString);
  Unary("t", "Identity", s);
  Source("v", "VariableV2", {}, kString);
  Source("h", "VarHandleOp", {}, kString);
  EXPECT_PLACES(Places(), {"s", "CPU:0"}, {"t", "CPU:0"}, {"v", "CPU:0"},
                {"h", "CPU:0"});
}

// ---- choosing (R5.11 - R5.14)

TEST_F(PlaceTest, MetadataFollowsItsInput) {  // golden R5.12-a
  const Output x =
      Unary("x", "Neg", Constant("c"), {.device = "/device:CPU:1"});
  const Output s = Unary("s", "Shape", x);
  Unary("z", "Size", x);
  Unary("r", "Rank", x);
  Add("n", "ShapeN", {x, x});
  Unary("i", "Identity", x);
  Unary("s2", "Identity", s);
  EXPECT_PLACES(Places(), {"s", "CPU:1"}, {"z", "CPU:1"}, {"r", "CPU:1"},
                {"n", "CPU:0"}, {"i", "CPU:0"}, {"s2", "CPU:0"});
}

TEST_F(PlaceTest, GeneratorsFollowTheirConsumers) {  // golden R5.13-a
  const Output c = Constant("c"), d = Constant("d"), e = Constant("e");
  Unary("i", "Neg", c, {.device = "/device:CPU:1"});
  Unary("j", "Neg", d, {.device = "/device:CPU:1"});
  Unary("k", "Neg", d, {.device = "/device:CPU:0"});
  Add("m", "NoOp", {}, {.device = "/device:CPU:1", .after = {e.node}});
  EXPECT_PLACES(Places(), {"c", "CPU:1"}, {"d", "CPU:0"}, {"e", "CPU:1"});
}

TEST_F(PlaceTest, FetchingIsNoConsumer) {  // golden R5.13-b
  const Output c = Constant("c");
  Unary("i", "Neg", c, {.device = "/device:CPU:1"});
  Add("fetch", "_Fetch", {c}, {}, {{"index", 0}});
  Add("target", "_Target", {}, {.after = {c.node}});
  EXPECT_PLACES(Places(), {"c", "CPU:1"}, {"i", "CPU:1"}, {"fetch", "CPU:0"},
                {"target", "CPU:0"});
}

TEST_F(PlaceTest, VariablesAreNoGenerators) {  // golden R5.13-c
  const Output v = Source("v", "VariableV2");
  const Output read = Unary("v/read", "Identity", v, {.colocated = {"v"}});
  Unary("w", "Neg", read, {.device = "/device:CPU:1"});
  const Output h = Source("h", "VarHandleOp");
  const Output r =
      Add("r", "ReadVariableOp", {h}, {}, {{"dtype", kFloat32}})->output();
  Unary("x", "Neg", r, {.device = "/device:CPU:1"});
  EXPECT_PLACES(Places(), {"v", "CPU:0"}, {"v/read", "CPU:0"}, {"w", "CPU:1"},
                {"h", "CPU:0"}, {"r", "CPU:0"}, {"x", "CPU:1"});
}

TEST_F(PlaceTest, FeedsAreOnTheHost) {
  gpus_ = 1;
  const Output x = Add("x", "_Feed", {}, {},
                       {{"dtype", kFloat32}, {"shape", Shape{}}, {"index", 0}})
                       ->output();
  Unary("y", "Neg", x);
  EXPECT_PLACES(Places(), {"x", "CPU:0"}, {"y", "GPU:0"});
}

TEST_F(PlaceTest, AssignedNodesKeepTheirPlace) {  // R5.21
  options_.assigned = [](const Node& n) { return n.name() == "v" ? 1 : -1; };
  const Output v = Source("v", "VariableV2");
  Add("a", "Assign", {v, Constant("c")}, {.device = "/device:CPU:0"});
  EXPECT_PLACES(Places(), {"v", "CPU:1"}, {"a", "CPU:1"}, {"c", "CPU:1"});
}

TEST_F(PlaceTest, AssignedNodesAreNeverMoved) {
  gpus_ = 1;
  kernels_.Add<NoKernel>("AssignHere", kCpu, kInvalid);
  ops_.Add(Op("AssignHere", {{.name = "ref", .type = "T", .is_ref = true}}, {},
              {TypeAttr("T")}));
  const int gpu = Devices().Find(LocalDeviceName(kGpu, 0));
  options_.assigned = [gpu](const Node& n) {
    return n.name() == "v" ? gpu : -1;
  };
  Add("a", "AssignHere", {Source("v", "VariableV2")});
  for (bool soft : {false, true}) {
    EXPECT_THAT(Places(soft),
                StatusIs(kInvalidArgument, AllOf(HasSubstr("device:GPU:0"),
                                                 HasSubstr("AssignHere"))));
  }
}

// ---- errors and soft placement (R5.15 - R5.18)

TEST_F(PlaceTest, NoSuchGpu) {  // golden R5.15-a
  Constant("a", {.device = "/device:GPU:9"});
  EXPECT_THAT(
      Places(),
      StatusIs(kInvalidArgument,
               AllOf(HasSubstr("cannot assign a device for operation a"),
                     HasSubstr("/device:GPU:9"),
                     HasSubstr("/job:localhost/replica:0/task:0/device:CPU:0, "
                               "/job:localhost/replica:0/task:0/device:CPU:1"),
                     HasSubstr("no such GPU"))));
  EXPECT_PLACES(Places(true), {"a", "CPU:0"});
}

TEST_F(PlaceTest, AProgramWithoutGpuKernelsSaysSo) {
  Constant("a", {.device = "/device:GPU:0"});
  EXPECT_THAT(Place(*graph_, Devices(), KernelRegistry(), {}),
              StatusIs(kInvalidArgument, HasSubstr("without GPU support")));
}

TEST_F(PlaceTest, NoSuchCpu) {  // goldens R5.15-b, R5.16-b
  const Output a = Constant("a", {.device = "/device:CPU:7"});
  Unary("b", "Neg", a, {.device = "/device:CPU:7"});
  EXPECT_THAT(Places(),
              StatusIs(kInvalidArgument, AllOf(HasSubstr("operation b"),
                                               HasSubstr("/device:CPU:7"))));
  EXPECT_PLACES(Places(true), {"a", "CPU:0"}, {"b", "CPU:0"});
}

TEST_F(PlaceTest, NoSuchJob) {  // golden R5.15-d
  Constant("b", {.device = "/job:ps"});
  for (bool soft : {false, true}) {
    EXPECT_THAT(Places(soft),
                StatusIs(kInvalidArgument, AllOf(HasSubstr("operation b"),
                                                 HasSubstr("/job:ps"))));
  }
}

TEST_F(PlaceTest, TheGroupAsksForWhatDoesNotExist) {
  const Output x = Unary("x", "Identity", Constant("c"),
                         {.device = "/device:CPU:*", .colocated = {"far"}});
  Unary("y", "Neg", x, {"/device:CPU:5", {"far"}});
  EXPECT_THAT(Places(),
              StatusIs(kInvalidArgument, AllOf(HasSubstr("operation x"),
                                               HasSubstr("/device:CPU:*"),
                                               HasSubstr("/device:CPU:5"))));
}

TEST_F(PlaceTest, SoftPlacementMovesAVariableWithItsUsers) {  // golden R5.16
  const Output v = Source("v", "VariableV2", {.device = "/device:GPU:0"});
  const Output r = Unary("v/read", "Identity", v, {"/device:GPU:0", {"v"}});
  Add("add", "Add", {r, Constant("add/y", {.device = "/device:GPU:0"})},
      {.device = "/device:GPU:0"});
  EXPECT_THAT(Places(), StatusIs(kInvalidArgument, HasSubstr("/device:GPU:0")));
  EXPECT_PLACES(Places(true), {"v", "CPU:0"}, {"v/read", "CPU:0"},
                {"add", "CPU:0"}, {"add/y", "CPU:0"});
}

TEST_F(PlaceTest, SoftPlacementNeverMovesWhatCanStay) {  // golden R5.17
  gpus_ = 1;
  const Output a = Constant("a", {.device = "/device:CPU:1"});
  Unary("b", "Neg", a, {.device = "/device:CPU:1"});
  Unary("d", "Neg", a, {.device = "/device:GPU:3"});
  EXPECT_PLACES(Places(true), {"a", "CPU:1"}, {"b", "CPU:1"}, {"d", "GPU:0"});
}

TEST_F(PlaceTest, NoKernelForTheRequestedType) {  // golden R5.18
  gpus_ = 1;
  const Output x = Constant("x", {.device = "/device:GPU:0"});
  Unary("y", "CpuOnly", x, {.device = "/device:GPU:0"});
  EXPECT_THAT(Places(),
              StatusIs(kInvalidArgument, AllOf(HasSubstr("operation y"),
                                               HasSubstr("/device:GPU:0"),
                                               HasSubstr("CpuOnly {T=float32}"),
                                               HasSubstr("CPU float32"))));
  EXPECT_PLACES(Places(true), {"x", "GPU:0"}, {"y", "CPU:0"});
}

TEST_F(PlaceTest, ColocatedNodesMoveTogether) {  // golden R5.7
  gpus_ = 1;
  const Output x = Constant("x", {.device = "/device:GPU:0"});
  const Output v = Unary("v", "Neg", x, {.device = "/device:GPU:0"});
  Unary("y", "CpuOnly", v, {.colocated = {"v"}});
  EXPECT_THAT(Places(), StatusIs(kInvalidArgument, HasSubstr("y")));
  EXPECT_PLACES(Places(true), {"x", "GPU:0"}, {"v", "CPU:0"}, {"y", "CPU:0"});
}

// ---- reporting

TEST_F(PlaceTest, SaysWhy) {
  gpus_ = 1;
  const Output c = Constant("c"), d = Constant("d");
  const Output v = Source("v", "VariableV2", {.device = "/device:CPU:1"});
  const Output a = Add("a", "Assign", {v, c})->output();
  const Output n = Unary("n", "Neg", d);
  const Output s = Unary("s", "Shape", a);
  const Output o = Unary("o", "CpuOnly", n);
  EXPECT_EQ(Why(v), "asked for");
  EXPECT_EQ(Why(a), "with variable v");
  EXPECT_EQ(Why(c), "with its consumers");
  EXPECT_EQ(Why(n), "first choice");
  EXPECT_EQ(Why(s), "with its input");
  EXPECT_EQ(Why(o), "only kernel");
}

TEST_F(PlaceTest, LogsALinePerNodeOfTheUser) {  // R5.22
  const Output a = Constant("a", {.device = "/device:CPU:1"});
  Unary("b", "Neg", a);
  Add("fetch", "_Fetch", {a}, {}, {{"index", 0}});
  const absl::StatusOr<Placement> placement = TryPlace();
  ASSERT_THAT(placement, IsOk());
  EXPECT_EQ(PlacementLog(*graph_, Devices(), *placement),
            "a: (Const): /job:localhost/replica:0/task:0/device:CPU:1\n"
            "b: (Neg): /job:localhost/replica:0/task:0/device:CPU:0\n");
}

}  // namespace
}  // namespace trellis
