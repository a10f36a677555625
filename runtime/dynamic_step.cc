#include "trellis/runtime/dynamic_step.h"

#include <algorithm>
#include <cstring>

#include "trellis/base/status_macros.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

DynamicStep::DynamicStep(const Node& node, int index, Action action,
                         const KernelEntry* entry, Device& device,
                         std::vector<Input> inputs,
                         std::vector<bool> host_outputs)
    : node_(node),
      index_(index),
      action_(action),
      entry_(entry),
      device_(device),
      inputs_(std::move(inputs)),
      host_outputs_(std::move(host_outputs)) {
  for (int i = 0; i < node.num_outputs(); ++i) {
    output_dtypes_.push_back(BaseType(node.output_dtype(i)));
  }
  if (output_dtypes_.empty() && action != Action::kKernel) {  // a fetch
    output_dtypes_.push_back(inputs_[0].dtype);
    host_outputs_.push_back(true);
  }
}

Shape DynamicStep::ShapeOf(const RunContext& c, int i) const {
  const Input& input = inputs_[i];
  switch (input.source) {
    case Input::Source::kStatic:
      return input.shape;
    case Input::Source::kFeed:
      return c.state().feeds[input.index].shape();
    case Input::Source::kOwned:
      return c.tables().owned[input.index].shape();
    case Input::Source::kVariable:
      return c.tables().variables[input.index]->value.shape();
  }
  return Shape();
}

// A view of the operand, for shape functions and Prepare to read.
Tensor DynamicStep::ValueOf(const RunContext& c, int i,
                            const Shape& shape) const {
  const Input& input = inputs_[i];
  if (!input.on_host || input.is_handle || !shape.fully_defined()) return {};
  if (input.source == Input::Source::kOwned) {
    return c.tables().owned[input.index];
  }
  return Tensor::BorrowBytes(const_cast<char*>(c.input<char>(i)), input.dtype,
                             shape);
}

// What the stream may still be running is not freed under it.
absl::Status DynamicStep::Drain(const RunContext& c) {
  if (c.stream() == nullptr) return absl::OkStatus();
  return c.stream()->WaitFor(c.stream()->Record());
}

absl::StatusOr<DynamicStep::Entry*> DynamicStep::FindOrPrepare(
    RunContext& c) const {
  const int n = static_cast<int>(inputs_.size());
  std::vector<Shape> shapes;
  std::vector<Tensor> values;
  for (int i = 0; i < n; ++i) {
    shapes.push_back(ShapeOf(c, i));
    values.push_back(ValueOf(c, i, shapes[i]));
  }

  auto& entries = c.state().caches()[index_].entries;
  const auto matches = [&](const std::unique_ptr<Entry>& entry) {
    if (entry->shapes != shapes) return false;
    for (int i = 0; i < n; ++i) {
      const bool used =
          (entry->prepared.values_used >> std::min(i, 63) & 1) != 0;
      if (used && !entry->values[i].SameAs(values[i])) return false;
    }
    return true;
  };
  const auto found = std::find_if(entries.begin(), entries.end(), matches);
  if (found != entries.end()) {
    std::rotate(entries.begin(), found, found + 1);
    return entries.front().get();
  }

  std::vector<HandleInfo> handles(n);
  std::vector<InputFacts> facts(n);
  for (int i = 0; i < n; ++i) {
    facts[i].shape = shapes[i];
    if (inputs_[i].is_handle) {
      handles[i] = {.dtype = inputs_[i].dtype, .shape = shapes[i]};
      facts[i].variable = &handles[i];
      if (node_.input(i).dtype() == kResource) facts[i].shape = Shape::Scalar();
    } else if (values[i].valid()) {
      facts[i].value = &values[i];
    }
  }
  TRELLIS_ASSIGN_OR_RETURN(NodeShapes inferred, InferShapesFrom(node_, facts));
  auto entry = std::make_unique<Entry>();
  if (action_ == Action::kKernel) {
    TRELLIS_ASSIGN_OR_RETURN(entry->prepared, PrepareNode(node_, *entry_, facts,
                                                          std::move(inferred)));
  } else {
    entry->prepared.output_shapes = std::move(inferred.shapes);
    entry->prepared.values_used = inferred.values_used;
  }
  entry->shapes = std::move(shapes);
  // Borrowed operands will have changed by the time they are compared.
  entry->values.resize(n);
  for (int i = 0; i < n; ++i) {
    if ((entry->prepared.values_used >> std::min(i, 63) & 1) != 0) {
      entry->values[i] = values[i].Clone();
    }
  }
  if (entries.size() == kCacheSize) {
    TRELLIS_RETURN_IF_ERROR(Drain(c));
    entries.pop_back();
  }
  entries.insert(entries.begin(), std::move(entry));
  return entries.front().get();
}

absl::Status DynamicStep::BindScratch(RunContext& c, size_t bytes) const {
  if (bytes == 0) return absl::OkStatus();
  std::shared_ptr<Buffer>& scratch = c.state().caches()[index_].scratch;
  if (scratch == nullptr || scratch->bytes() < bytes) {
    TRELLIS_RETURN_IF_ERROR(Drain(c));
    scratch = nullptr;
    TRELLIS_ASSIGN_OR_RETURN(scratch, device_.Allocate(bytes, node_.name()));
  }
  c.tables().data[c.operands().scratch.base] =
      static_cast<char*>(scratch->data());
  return absl::OkStatus();
}

absl::Status DynamicStep::AllocateOutputs(
    RunContext& c, const std::vector<Shape>& shapes) const {
  const Operands& operands = c.operands();
  for (size_t i = 0; i < shapes.size(); ++i) {
    if (!shapes[i].fully_defined()) continue;  // Run calls AllocateOutput
    const uint32_t base = operands.slots[operands.num_inputs + i].base;
    Tensor& owned = c.tables().owned[base];
    if (device_.is_host() || host_outputs_[i]) {
      TRELLIS_ASSIGN_OR_RETURN(owned,
                               Tensor::Allocate(output_dtypes_[i], shapes[i]));
    } else {
      const size_t bytes =
          DTypeSize(output_dtypes_[i]) * shapes[i].num_elements();
      TRELLIS_ASSIGN_OR_RETURN(std::shared_ptr<Buffer> buffer,
                               device_.Allocate(bytes, node_.name()));
      owned = Tensor(output_dtypes_[i], shapes[i], std::move(buffer));
    }
    c.tables().data[base] = static_cast<char*>(owned.data());
  }
  return absl::OkStatus();
}

absl::Status DynamicStep::RunKernel(RunContext& c) const {
  TRELLIS_ASSIGN_OR_RETURN(Entry * entry, FindOrPrepare(c));
  TRELLIS_RETURN_IF_ERROR(AllocateOutputs(c, entry->prepared.output_shapes));
  TRELLIS_RETURN_IF_ERROR(BindScratch(c, entry->prepared.scratch_bytes));
  c.set_output_dtypes(output_dtypes_.data());
  return entry->prepared.kernel->Run(c);
}

absl::Status DynamicStep::RunCopy(RunContext& c) const {
  const int from = std::max(node_.schema()->view_of, 0);
  std::vector<Shape> shapes = {ShapeOf(c, from)};
  if (action_ == Action::kView && node_.num_outputs() > 0) {
    TRELLIS_ASSIGN_OR_RETURN(Entry * entry, FindOrPrepare(c));
    shapes = entry->prepared.output_shapes;
  }
  if (!shapes[0].fully_defined()) {
    return absl::InternalError(
        "the shape depends on a value in device memory; the kernel must "
        "declare that operand as a host input");
  }
  const Input& input = inputs_[from];
  const uint32_t base = c.operands().slots[c.operands().num_inputs].base;
  if (action_ == Action::kView && input.source == Input::Source::kOwned) {
    // Owned tensors are never written again: share the buffer.
    c.tables().owned[base] = c.tables().owned[input.index].Reshaped(shapes[0]);
    c.tables().data[base] = c.tables().data[input.index];
    return absl::OkStatus();
  }
  TRELLIS_RETURN_IF_ERROR(AllocateOutputs(c, shapes));
  const Tensor& output = c.tables().owned[base];
  switch (action_) {
    case Action::kFromHost:
      return device_.CopyFromHost(*c.stream(), c.step(), c.output<char>(0),
                                  c.input<char>(0), output.bytes());
    case Action::kToHost:
      TRELLIS_RETURN_IF_ERROR(
          device_.CopyToHost(*c.stream(), c.step(), c.output<char>(0),
                             c.input<char>(0), output.bytes()));
      return c.stream()->WaitFor(c.stream()->Record());
    default:
      break;
  }
  if (!device_.is_host()) {
    return device_.CopyOnDevice(*c.stream(), c.step(), c.output<char>(0),
                                c.input<char>(from), output.bytes());
  }
  if (output.dtype() == kString) {
    std::copy_n(c.input<std::string>(from), output.num_elements(),
                c.output<std::string>(0));
  } else if (output.bytes() > 0) {
    std::memcpy(c.output<char>(0), c.input<char>(from), output.bytes());
  }
  return absl::OkStatus();
}

absl::Status DynamicStep::Run(RunContext& c) const {
  return action_ == Action::kKernel ? RunKernel(c) : RunCopy(c);
}

}  // namespace trellis
