// The ops of TensorFlow's saver nodes, over tensor bundles of the local file
// system.
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/tensor.h"
#include "trellis/io/checkpoint_reader.h"
#include "trellis/io/merge_bundles.h"
#include "trellis/io/open_checkpoint.h"
#include "trellis/io/posix_file_system.h"
#include "trellis/io/tensor_bundle_writer.h"
#include "trellis/io/tensor_slice.h"
#include "trellis/kernels/cpu/families.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {
namespace {

class SaveKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    for (int i = kFirstTensor; i < c.num_inputs(); ++i) {
      dtypes_.push_back(c.input_dtype(i));
      shapes_.push_back(c.input_shape(i));
    }
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    const std::string* names = c.input<std::string>(1);
    const std::string* slices = c.input<std::string>(2);
    TRELLIS_ASSIGN_OR_RETURN(
        const std::unique_ptr<TensorBundleWriter> writer,
        TensorBundleWriter::Create(PosixFileSystem::Get(),
                                   *c.input<std::string>(0)));
    for (size_t i = 0; i < dtypes_.size(); ++i) {
      const int input = kFirstTensor + static_cast<int>(i);
      const Tensor tensor = Tensor::BorrowBytes(
          const_cast<char*>(c.input<char>(input)), dtypes_[i], shapes_[i]);
      if (slices[i].empty()) {
        TRELLIS_RETURN_IF_ERROR(writer->Add(names[i], tensor));
      } else {
        TRELLIS_ASSIGN_OR_RETURN(const ShapeAndSlice part,
                                 ParseShapeAndSlice(slices[i]));
        TRELLIS_RETURN_IF_ERROR(
            writer->AddSlice(names[i], part.full_shape, part.slice, tensor));
      }
    }
    return writer->Finish();
  }

 private:
  static constexpr int kFirstTensor = 3;

  std::vector<DType> dtypes_;
  std::vector<Shape> shapes_;
};

class RestoreKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    dtypes_ = c.attr<std::vector<DType>>("dtypes");
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    const std::string* names = c.input<std::string>(1);
    const std::string* slices = c.input<std::string>(2);
    TRELLIS_ASSIGN_OR_RETURN(
        const std::unique_ptr<CheckpointReader> reader,
        OpenCheckpoint(PosixFileSystem::Get(), *c.input<std::string>(0)));
    for (size_t i = 0; i < dtypes_.size(); ++i) {
      TRELLIS_ASSIGN_OR_RETURN(Tensor tensor,
                               Read(*reader, names[i], slices[i], dtypes_[i]));
      c.SetOutput(static_cast<int>(i), std::move(tensor));
    }
    return absl::OkStatus();
  }

 private:
  static absl::StatusOr<Tensor> Read(const CheckpointReader& reader,
                                     const std::string& name,
                                     const std::string& slice, DType dtype) {
    const CheckpointTensor* entry = reader.Find(name);
    if (entry != nullptr && entry->dtype != dtype) {
      return absl::InvalidArgumentError(
          absl::StrCat("tensor ", name, " of ", reader.prefix(), " is ",
                       DTypeName(entry->dtype), ", not ", DTypeName(dtype)));
    }
    if (slice.empty()) return reader.Read(name);
    TRELLIS_ASSIGN_OR_RETURN(const ShapeAndSlice part,
                             ParseShapeAndSlice(slice));
    if (entry != nullptr && !(entry->shape == part.full_shape)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "tensor ", name, " of ", reader.prefix(), " has shape ",
          entry->shape.ToString(), ", not ", part.full_shape.ToString()));
    }
    return reader.ReadSlice(name, part.slice);
  }

  std::vector<DType> dtypes_;
};

class MergeKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    num_prefixes_ = c.input_shape(0).num_elements();
    options_.delete_input_folders = c.attr<bool>("delete_old_dirs");
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    return MergeBundles(
        PosixFileSystem::Get(),
        absl::MakeConstSpan(c.input<std::string>(0), num_prefixes_),
        *c.input<std::string>(1), options_);
  }

 private:
  int64_t num_prefixes_ = 0;
  MergeBundlesOptions options_;
};

class ShardedFilenameKernel final : public Kernel {
 public:
  absl::Status Run(RunContext& c) const override {
    const int32_t shard = *c.input<int32_t>(1);
    const int32_t num_shards = *c.input<int32_t>(2);
    if (shard < 0 || shard >= num_shards) {
      return absl::InvalidArgumentError(absl::StrCat(
          "shard ", shard, " of ", num_shards, " is not in [0, num_shards)"));
    }
    *c.output<std::string>(0) = absl::StrFormat(
        "%s-%05d-of-%05d", *c.input<std::string>(0), shard, num_shards);
    return absl::OkStatus();
  }
};

}  // namespace

void RegisterSaveRestoreCpu(KernelRegistry& registry) {
  registry.Add<SaveKernel>("SaveV2", kCpu, kInvalid);
  registry.Add<RestoreKernel>("RestoreV2", kCpu, kInvalid);
  registry.Add<MergeKernel>("MergeV2Checkpoints", kCpu, kInvalid);
  registry.Add<ShardedFilenameKernel>("ShardedFilename", kCpu, kInvalid);
}

}  // namespace trellis
