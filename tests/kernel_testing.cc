#include "trellis/tests/kernel_testing.h"

#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "trellis/base/check.h"
#include "trellis/base/status_macros.h"
#include "trellis/base/team.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/shape_context.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"
#include "trellis/tests/graph_inputs.h"

namespace trellis::testing {
namespace {

// A resource handle that refers to a variable of known type and shape.
OpSchema HandleOp() {
  return {
      .name = "TestHandle",
      .doc = "A handle.",
      .outputs = {{"handle", "resource"}},
      .attrs = {TypeAttr("dtype"), {.name = "shape", .kind = "shape"}},
      .shape =
          [](ShapeContext& c) {
            TRELLIS_RETURN_IF_ERROR(c.SetOutput(0, Shape::Scalar()));
            return c.SetOutputHandle(
                0, {c.attr<DType>("dtype"), c.attr<Shape>("shape")});
          },
      .not_differentiable = "a handle",
      .stateful = true,
  };
}

// Whether the list of argument indices covers input (or output) i of a node.
template <typename Range>
bool Covers(const std::vector<int>& args, int i, Range range_of) {
  for (int arg : args) {
    const auto [first, last] = range_of(arg);
    if (first <= i && i < last) return true;
  }
  return false;
}

// One step and the tables of its only run.
class OneStep {
 public:
  OneStep(const OpRegistry& ops, const KernelRegistry& kernels,
          const KernelOptionsForTest& options)
      : ops_(&ops), kernels_(kernels), options_(options), graph_(ops_) {
    ops_.Add(HandleOp());
    if (options_.device != nullptr && !options_.device->is_host()) {
      stream_ = options_.device->NewStream();
    }
  }

  absl::Status Build(absl::string_view op,
                     const std::vector<KernelInput>& inputs);
  absl::Status Prepare(const std::vector<KernelInput>& inputs);
  absl::Status Run();
  absl::StatusOr<std::vector<Tensor>> Results();

 private:
  static constexpr int kStep = 0;

  absl::StatusOr<Output> AddSource(const OpSchema& schema, int i,
                                   const KernelInput& input, bool constant);
  bool InputOnHost(int i) const {
    const auto range = [this](int arg) { return node_->InputRange(arg); };
    return stream_ == nullptr ||
           Covers(entry_->options.host_inputs, i, range) ||
           Covers(entry_->options.value_inputs, i, range);
  }
  bool OutputOnHost(int i) const {
    return stream_ == nullptr ||
           Covers(entry_->options.host_outputs, i,
                  [this](int arg) { return node_->OutputRange(arg); });
  }
  // A tensor of uninitialized numbers where the operand belongs.
  absl::StatusOr<Tensor> NewOperand(DType dtype, const Shape& shape,
                                    bool on_host);
  absl::StatusOr<Tensor> Copy(const Tensor& from, bool to_host);
  absl::Status WaitForStream();
  Slot AddEntry(Tensor tensor, VariableState* variable = nullptr);

  OpRegistry ops_;
  const KernelRegistry& kernels_;
  const KernelOptionsForTest& options_;
  Graph graph_;
  std::unique_ptr<Stream> stream_;
  Node* node_ = nullptr;
  const KernelEntry* entry_ = nullptr;
  std::unique_ptr<Kernel> kernel_;
  std::vector<DType> output_dtypes_;
  // The run's tables: an entry per operand, then scratch and random state.
  std::vector<Slot> slots_;
  Operands operands_;
  std::vector<Tensor> tensors_;
  std::vector<char*> data_;
  std::vector<VariableState*> variables_;
};

absl::StatusOr<Output> OneStep::AddSource(const OpSchema& schema, int i,
                                          const KernelInput& input,
                                          bool constant) {
  if (const auto* variable = std::get_if<VariableState*>(&input)) {
    const Tensor& value = (*variable)->value;
    // Variables are never in lists, nor behind them.
    if (schema.inputs[i].is_ref) {
      return AddInput(graph_, MakeRef(value.dtype()), value.shape());
    }
    TRELLIS_ASSIGN_OR_RETURN(
        Node * handle,
        graph_.TryAddNode(
            {.name = graph_.UniqueName("handle"),
             .op = "TestHandle",
             .attrs = {{"dtype", value.dtype()}, {"shape", value.shape()}}}));
    return handle->output();
  }
  const Tensor& tensor = std::get<Tensor>(input);
  return constant ? AddConstant(graph_, tensor)
                  : AddInput(graph_, tensor.dtype(), tensor.shape());
}

// Adds the node, chooses its kernel, and adds the node again where the kernel
// asks for values that the shape function was not to see.
absl::Status OneStep::Build(absl::string_view op,
                            const std::vector<KernelInput>& inputs) {
  const OpSchema* schema = ops_.Find(op);
  if (schema == nullptr) return absl::NotFoundError(absl::StrCat("no op ", op));
  for (const bool second : {false, true}) {
    NodeSpec spec{.name = graph_.UniqueName(op), .op = std::string(op)};
    for (size_t i = 0; i < inputs.size(); ++i) {
      const bool constant =
          options_.values_known ||
          (second && Covers(entry_->options.value_inputs, i, [this](int arg) {
             return node_->InputRange(arg);
           }));
      TRELLIS_ASSIGN_OR_RETURN(const Output source,
                               AddSource(*schema, i, inputs[i], constant));
      spec.inputs.push_back(source);
    }
    spec.attrs = options_.attrs;
    TRELLIS_ASSIGN_OR_RETURN(node_, graph_.TryAddNode(std::move(spec)));
    const absl::string_view type =
        options_.device == nullptr ? kCpu : options_.device->type();
    entry_ = kernels_.Find(*node_, type);
    if (entry_ == nullptr) {
      return absl::NotFoundError(
          absl::StrCat("no kernel for ", node_->Signature(), " on ", type));
    }
    if (options_.values_known) break;
  }
  return absl::OkStatus();
}

absl::StatusOr<Tensor> OneStep::NewOperand(DType dtype, const Shape& shape,
                                           bool on_host) {
  if (on_host || DTypeSize(dtype) == 0) return Tensor::Allocate(dtype, shape);
  TRELLIS_ASSIGN_OR_RETURN(
      std::shared_ptr<Buffer> buffer,
      options_.device->Allocate(shape.num_elements() * DTypeSize(dtype), ""));
  return Tensor(dtype, shape, std::move(buffer));
}

absl::Status OneStep::WaitForStream() {
  if (stream_ == nullptr) return absl::OkStatus();
  const absl::Status status = stream_->WaitFor(stream_->Record());
  if (!status.ok()) TRELLIS_CHECK(stream_->failed_step() == kStep);
  return status;
}

absl::StatusOr<Tensor> OneStep::Copy(const Tensor& from, bool to_host) {
  TRELLIS_ASSIGN_OR_RETURN(Tensor to,
                           NewOperand(from.dtype(), from.shape(), to_host));
  const auto copy = to_host ? &Device::CopyToHost : &Device::CopyFromHost;
  TRELLIS_RETURN_IF_ERROR((options_.device->*copy)(*stream_, kStep, to.data(),
                                                   from.data(), from.bytes()));
  TRELLIS_RETURN_IF_ERROR(WaitForStream());
  return to;
}

Slot OneStep::AddEntry(Tensor tensor, VariableState* variable) {
  const Slot slot{.base = static_cast<uint32_t>(data_.size())};
  data_.push_back(static_cast<char*>(
      variable != nullptr ? variable->value.data() : tensor.data()));
  tensors_.push_back(std::move(tensor));
  variables_.push_back(variable);
  return slot;
}

absl::Status OneStep::Prepare(const std::vector<KernelInput>& inputs) {
  std::vector<Shape> input_shapes, output_shapes;
  std::vector<const Tensor*> values;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (const auto* variable = std::get_if<VariableState*>(&inputs[i])) {
      input_shapes.push_back((*variable)->value.shape());
      values.push_back(nullptr);
      slots_.push_back(AddEntry({}, *variable));
      continue;
    }
    const Tensor& tensor = std::get<Tensor>(inputs[i]);
    input_shapes.push_back(tensor.shape());
    const bool known = node_->input(i).node->op() == "Const";
    values.push_back(known ? &tensor : nullptr);
    Tensor operand = tensor;
    if (!InputOnHost(i)) {
      TRELLIS_ASSIGN_OR_RETURN(operand, Copy(tensor, /*to_host=*/false));
    } else if (options_.in_place == static_cast<int>(i)) {
      operand = tensor.Clone();
    }
    slots_.push_back(AddEntry(std::move(operand)));
  }
  for (int i = 0; i < node_->num_outputs(); ++i) {
    output_dtypes_.push_back(BaseType(node_->output_dtype(i)));
    const Shape& shape = node_->output_shape(i);
    output_shapes.push_back(shape.fully_defined() ? shape : Shape::Unknown());
    if (!shape.fully_defined() || IsRef(node_->output_dtype(i))) {
      slots_.push_back(AddEntry({}));
    } else if (i == 0 && options_.in_place >= 0) {
      slots_.push_back(slots_[options_.in_place]);
    } else {
      TRELLIS_ASSIGN_OR_RETURN(
          Tensor operand,
          NewOperand(output_dtypes_[i], shape, OutputOnHost(i)));
      slots_.push_back(AddEntry(std::move(operand)));
    }
  }
  kernel_ = entry_->make();
  PrepareContext context(*node_, input_shapes, output_shapes, values);
  TRELLIS_RETURN_IF_ERROR(kernel_->Prepare(context));
  TRELLIS_ASSIGN_OR_RETURN(
      Tensor scratch,
      NewOperand(kUint8, {static_cast<int64_t>(context.scratch_bytes())},
                 stream_ == nullptr));
  operands_ = {.slots = slots_.data(),
               .num_inputs = static_cast<int>(inputs.size()),
               .scratch = AddEntry(std::move(scratch))};
  if (options_.random != nullptr) {
    operands_.random = AddEntry({}, options_.random);
  }
  return absl::OkStatus();
}

absl::Status OneStep::Run() {
  Team team(options_.threads);
  const std::atomic<bool> never = false;
  RunContext context(
      {.data = data_.data(),
       .variables = variables_.data(),
       .owned = tensors_.data()},
      team, options_.cancelled == nullptr ? never : *options_.cancelled,
      RunContext::kNoDeadline, /*state=*/nullptr);
  context.Bind(kStep, &operands_, stream_.get());
  context.set_output_dtypes(output_dtypes_.data());
  TRELLIS_RETURN_IF_ERROR(kernel_->Run(context));
  return WaitForStream();
}

absl::StatusOr<std::vector<Tensor>> OneStep::Results() {
  std::vector<Tensor> results;
  for (int i = 0; i < node_->num_outputs(); ++i) {
    // The entry may be an input's, of another shape.
    const Tensor& entry = tensors_[slots_[operands_.num_inputs + i].base];
    const Shape& shape = node_->output_shape(i);
    Tensor tensor = i == 0 && options_.in_place >= 0
                        ? Tensor(output_dtypes_[0], shape, entry.buffer())
                        : entry;
    if (tensor.valid() && !OutputOnHost(i) && DTypeSize(tensor.dtype()) > 0) {
      TRELLIS_ASSIGN_OR_RETURN(tensor, Copy(tensor, /*to_host=*/true));
    }
    results.push_back(std::move(tensor));
  }
  return results;
}

}  // namespace

absl::StatusOr<std::vector<Tensor>> RunKernel(
    const OpRegistry& ops, const KernelRegistry& kernels, absl::string_view op,
    const std::vector<KernelInput>& inputs, KernelOptionsForTest options) {
  OneStep step(ops, kernels, options);
  TRELLIS_RETURN_IF_ERROR(step.Build(op, inputs));
  TRELLIS_RETURN_IF_ERROR(step.Prepare(inputs));
  TRELLIS_RETURN_IF_ERROR(step.Run());
  return step.Results();
}

}  // namespace trellis::testing
