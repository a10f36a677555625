#include "trellis/tests/fake_device/fake_kernels.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "trellis/base/status_macros.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"
#include "trellis/tests/fake_device/fake_device.h"
#include "trellis/tests/fake_device/fake_stream.h"

namespace trellis {
namespace {

// As on a GPU, what is for the host is computed there when Run is called. The
// kernels of these ask about an operand on the device without looking into it;
constexpr absl::string_view kAskAboutOperands[] = {
    "IsVariableInitialized", "Rank",         "Shape", "ShapeN", "Size",
    "VarIsInitializedOp",    "VariableShape"};
// those of these want their operands on the host, too, as they find out the
// shape of their result.
constexpr absl::string_view kFindTheirShapes[] = {"BroadcastGradientArgs",
                                                  "DynamicStitch", "Where"};

template <size_t n>
bool IsOneOf(const absl::string_view (&ops)[n], absl::string_view op) {
  return std::find(ops, ops + n, op) != ops + n;
}

// What an operand of a step is, as Prepare knows it.
struct Operand {
  enum Kind {
    kNumbers,   // `bytes` bytes in the device's memory
    kVariable,  // a variable in the device's memory
    kHost,      // `bytes` bytes in the host's memory
    kNothing,   // a reference that is passed on
  };
  Kind kind = kNumbers;
  size_t bytes = 0;
  Effect effect = Effect::kNone;
};

// One execution: what the CPU's kernel sees in place of the run's own tables.
// Operand i of the step has entry i in each.
struct Call {
  Call(int num_operands, int num_inputs)
      : slots(num_operands),
        data(num_operands),
        variables(num_operands),
        shadows(num_operands),
        host_copies(num_operands) {
    for (int i = 0; i < num_operands; ++i) {
      slots[i].base = static_cast<uint32_t>(i);
    }
    operands.slots = slots.data();
    operands.num_inputs = num_inputs;
  }

  std::vector<Slot> slots;
  std::vector<char*> data;
  std::vector<VariableState*> variables;
  std::vector<VariableState>
      shadows;  // of variables, as they are when enqueued
  std::vector<std::vector<char>> host_copies;
  Operands operands;
};

class FakeKernel final : public Kernel {
 public:
  FakeKernel(std::unique_ptr<Kernel> cpu_kernel, KernelOptions options)
      : cpu_kernel_(std::move(cpu_kernel)), options_(std::move(options)) {}

  absl::Status Prepare(PrepareContext& c) override {
    const Node& node = c.node();
    name_ = node.name();
    op_ = node.op();
    num_inputs_ = c.num_inputs();
    random_ = node.schema()->random;
    for (int i = 0; i < c.num_inputs(); ++i) {
      operands_.push_back(InputOperand(c, i));
    }
    SetEffects(node);
    SetHostInputs(c, options_.host_inputs);
    SetHostInputs(c, options_.value_inputs);
    for (int i = 0; i < c.num_outputs(); ++i) {
      if (!runs_on_host() && !c.output_shape(i).fully_defined()) {
        return absl::UnimplementedError(
            absl::StrCat("the FAKE cannot run ", op_, ", whose output ", i,
                         " has a shape that only a run finds out"));
      }
      operands_.push_back(OutputOperand(c, i));
    }
    TRELLIS_RETURN_IF_ERROR(cpu_kernel_->Prepare(c));
    scratch_bytes_ = c.scratch_bytes();
    return absl::OkStatus();
  }

  absl::Status Run(RunContext& c) const override {
    if (runs_on_host()) return cpu_kernel_->Run(c);
    auto& stream = static_cast<FakeStream&>(*c.stream());
    auto call = std::make_shared<Call>(num_operands() + 2, num_inputs_);
    for (int i = 0; i < num_operands(); ++i) {
      TRELLIS_RETURN_IF_ERROR(Bind(c, stream.device().memory(), i, *call));
    }
    TRELLIS_RETURN_IF_ERROR(BindScratch(c, stream.device().memory(), *call));
    BindRandom(c, *call);
    stream.Enqueue(c.step(), [this, &stream, call, step = c.step()] {
      return Execute(stream, *call, step);
    });
    RecordWrites(c);
    return absl::OkStatus();
  }

 private:
  // A result in the host's memory is there when Run returns: such a kernel does
  // not look at elements on the device, or it faults.
  bool runs_on_host() const { return !options_.host_outputs.empty(); }
  int num_operands() const { return static_cast<int>(operands_.size()); }

  static Operand InputOperand(PrepareContext& c, int i) {
    const DType dtype = c.node().input(i).dtype();
    if (IsRef(dtype) || dtype == kResource) return {Operand::kVariable};
    return {Operand::kNumbers, Bytes(c.input_shape(i), dtype)};
  }

  static Operand OutputOperand(PrepareContext& c, int i) {
    const DType dtype = c.node().output_dtype(i);
    if (IsRef(dtype) || dtype == kResource) return {Operand::kNothing};
    return {Operand::kNumbers, Bytes(c.output_shape(i), dtype)};
  }

  static size_t Bytes(const Shape& shape, DType dtype) {
    return shape.num_elements() * DTypeSize(dtype);
  }

  void SetEffects(const Node& node) {
    for (size_t a = 0; a < node.schema()->inputs.size(); ++a) {
      const auto [first, last] = node.InputRange(static_cast<int>(a));
      for (int i = first; i < last; ++i) {
        operands_[i].effect = node.schema()->inputs[a].effect;
      }
    }
  }

  void SetHostInputs(PrepareContext& c, const std::vector<int>& args) {
    for (int arg : args) {
      const auto [first, last] = c.node().InputRange(arg);
      for (int i = first; i < last; ++i) operands_[i].kind = Operand::kHost;
    }
  }

  static bool Writes(Effect effect) {
    return effect == Effect::kWrite || effect == Effect::kUpdate;
  }

  static const Slot& SlotOf(RunContext& c, int i) {
    return c.operands().slots[i];
  }

  static char* AddressOf(RunContext& c, const Slot& slot) {
    return c.tables().data[slot.base] + slot.offset;
  }

  absl::Status Bind(RunContext& c, const FakeMemory& memory, int i,
                    Call& call) const {
    const Operand& operand = operands_[i];
    absl::StatusOr<char*> address = nullptr;
    switch (operand.kind) {
      case Operand::kNumbers:
        address = Backing(memory, AddressOf(c, SlotOf(c, i)), operand.bytes);
        break;
      case Operand::kVariable:
        address = BindVariable(c, memory, i, call);
        break;
      case Operand::kHost:
        address = CopyOfHostInput(c, memory, i, call);
        break;
      case Operand::kNothing:
        break;
    }
    if (!address.ok()) {
      const bool input = i < num_inputs_;
      return absl::InternalError(absl::StrCat(
          name_, " (", op_, ") on a FAKE: ", input ? "input " : "output ",
          input ? i : i - num_inputs_, ": ", address.status().message()));
    }
    call.data[i] = *address;
    return absl::OkStatus();
  }

  static absl::StatusOr<char*> Backing(const FakeMemory& memory,
                                       const char* address, size_t bytes) {
    static char nothing;
    if (bytes == 0) return &nothing;
    return memory.Backing(address, bytes);
  }

  absl::StatusOr<char*> BindVariable(RunContext& c, const FakeMemory& memory,
                                     int i, Call& call) const {
    const VariableState& state = c.variable_state(i);
    VariableState& shadow = call.shadows[i];
    shadow.value = state.value;
    shadow.initialized = state.initialized;
    shadow.version = state.version.load();
    call.variables[i] = &shadow;
    if (!state.value.valid()) {
      if (!Writes(operands_[i].effect)) return nullptr;
      return absl::InternalError("a variable without memory");
    }
    return Backing(memory, AddressOf(c, SlotOf(c, i)), state.value.bytes());
  }

  absl::StatusOr<char*> CopyOfHostInput(RunContext& c, const FakeMemory& memory,
                                        int i, Call& call) const {
    const char* address = AddressOf(c, SlotOf(c, i));
    if (memory.Contains(address)) {
      return absl::InternalError("is not in the memory of the host");
    }
    std::vector<char>& copy = call.host_copies[i];
    copy.assign(address, address + operands_[i].bytes);
    return copy.data();
  }

  absl::Status BindScratch(RunContext& c, const FakeMemory& memory,
                           Call& call) const {
    call.operands.scratch.base = num_operands();
    if (scratch_bytes_ == 0) return absl::OkStatus();
    TRELLIS_ASSIGN_OR_RETURN(
        call.data[num_operands()],
        memory.Backing(AddressOf(c, c.operands().scratch), scratch_bytes_));
    return absl::OkStatus();
  }

  // The counter is the host's, and nobody else's until the run has ended.
  void BindRandom(RunContext& c, Call& call) const {
    const int i = num_operands() + 1;
    call.operands.random.base = i;
    if (!random_) return;
    call.variables[i] = &c.random_state();
    call.data[i] = AddressOf(c, c.operands().random);
  }

  // In the queue's thread.
  absl::Status Execute(FakeStream& stream, Call& call, int step) const {
    TRELLIS_RETURN_IF_ERROR(stream.device().Execute(name_, op_));
    static constexpr std::atomic<bool> kNeverCancelled = false;
    std::vector<const void*> values(num_inputs_);
    for (int i = 0; i < num_inputs_; ++i) {
      values[i] = call.shadows[i].value.data();
    }
    RunContext c({.data = call.data.data(),
                  .variables = call.variables.data(),
                  .owned = nullptr},
                 stream.team(), kNeverCancelled, RunContext::kNoDeadline,
                 nullptr);
    c.Bind(step, &call.operands, nullptr);
    TRELLIS_RETURN_IF_ERROR(cpu_kernel_->Run(c));
    for (int i = 0; i < num_inputs_; ++i) {
      if (call.shadows[i].value.data() != values[i]) {
        return absl::UnimplementedError(
            "a FAKE cannot replace the memory of a variable");
      }
    }
    return absl::OkStatus();
  }

  // What the CPU's kernel does to the shadow when its time comes.
  void RecordWrites(RunContext& c) const {
    for (int i = 0; i < num_inputs_; ++i) {
      if (operands_[i].kind != Operand::kVariable ||
          !Writes(operands_[i].effect)) {
        continue;
      }
      VariableState& state = c.variable_state(i);
      state.initialized = true;
      ++state.version;
    }
  }

  const std::unique_ptr<Kernel> cpu_kernel_;
  const KernelOptions options_;
  std::string name_;
  std::string op_;
  std::vector<Operand> operands_;  // inputs, then outputs
  int num_inputs_ = 0;
  bool random_ = false;
  size_t scratch_bytes_ = 0;
};

bool HoldsObjects(const std::vector<ArgSchema>& args) {
  return std::any_of(args.begin(), args.end(), [](const ArgSchema& arg) {
    return arg.type == "string" || arg.type == "variant";
  });
}

bool TouchesVariables(const OpSchema& op) {
  return op.random || std::any_of(op.inputs.begin(), op.inputs.end(),
                                  [](const ArgSchema& a) {
                                    return a.effect != Effect::kNone;
                                  });
}

bool HasListOfTypes(const OpSchema& op) {
  return std::any_of(
      op.attrs.begin(), op.attrs.end(),
      [](const AttrSchema& attr) { return attr.kind == "list(type)"; });
}

// Can the op be one of a device with nothing but numbers in its memory?
bool IsOfNumbers(const OpSchema& op) {
  return !HoldsObjects(op.inputs) && !HoldsObjects(op.outputs) &&
         !HasListOfTypes(op) && !op.blocks &&
         (!op.stateful || TouchesVariables(op));
}

std::vector<int> AllOf(const std::vector<ArgSchema>& args) {
  std::vector<int> indices(args.size());
  std::iota(indices.begin(), indices.end(), 0);
  return indices;
}

KernelOptions OptionsFor(const OpSchema& op, KernelOptions options) {
  const bool finds_shape = IsOneOf(kFindTheirShapes, op.name);
  if (finds_shape) options.host_inputs = AllOf(op.inputs);
  if (finds_shape || IsOneOf(kAskAboutOperands, op.name)) {
    options.host_outputs = AllOf(op.outputs);
  }
  return options;
}

// What an entry that takes any type takes here.
std::vector<DType> NumbersOf(const KernelEntry& entry, const OpSchema& op) {
  if (entry.dtype != kInvalid) {
    return DTypeSize(entry.dtype) == 0 ? std::vector<DType>()
                                       : std::vector<DType>{entry.dtype};
  }
  const auto main =
      std::find_if(op.attrs.begin(), op.attrs.end(),
                   [](const AttrSchema& attr) { return attr.kind == "type"; });
  if (main == op.attrs.end()) return {kInvalid};
  std::vector<DType> types;
  for (DType type : {kFloat32, kFloat64, kInt32, kUint8, kInt16, kInt8, kInt64,
                     kBool, kUint16, kUint32, kUint64}) {
    if (main->allowed_types.empty() || main->allowed_types.contains(type)) {
      types.push_back(type);
    }
  }
  return types;
}

}  // namespace

void RegisterFakeKernels(const KernelRegistry& cpu, const OpRegistry& ops,
                         KernelRegistry& registry) {
  std::vector<const KernelEntry*> entries = cpu.entries();
  // Of two that match, the first is found: those that name a type come first.
  std::stable_partition(
      entries.begin(), entries.end(),
      [](const KernelEntry* entry) { return entry->dtype != kInvalid; });
  for (const KernelEntry* entry : entries) {
    const OpSchema* op = ops.Find(entry->op);
    if (entry->device_type != kCpu || op == nullptr || !IsOfNumbers(*op)) {
      continue;
    }
    const KernelOptions options = OptionsFor(*op, entry->options);
    for (DType dtype : NumbersOf(*entry, *op)) {
      registry.AddEntry(
          {.op = entry->op,
           .device_type = std::string(kFake),
           .dtype = dtype,
           .options = options,
           .make = [make = entry->make, options]() -> std::unique_ptr<Kernel> {
             return std::make_unique<FakeKernel>(make(), options);
           }});
    }
  }
}

}  // namespace trellis
