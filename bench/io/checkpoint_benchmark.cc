// Writing and reading checkpoints: bytes per second, through the memory file
// system (our own cost) and the disk (fsync included).
//
//   bazel run //bench/io:checkpoint_benchmark
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "trellis/base/check.h"
#include "trellis/graph/tensor.h"
#include "trellis/io/crc32c.h"
#include "trellis/io/memory_file_system.h"
#include "trellis/io/open_checkpoint.h"
#include "trellis/io/posix_file_system.h"
#include "trellis/io/tensor_bundle_writer.h"

namespace trellis {
namespace {

// Weights of a middle-sized network: 16 tensors of 1 MB, 64 of 4 KB.
std::vector<std::pair<std::string, Tensor>> Weights() {
  std::vector<std::pair<std::string, Tensor>> weights;
  for (int i = 0; i < 80; ++i) {
    Tensor tensor(kFloat32, {i < 16 ? 262144 : 1024});
    float value = static_cast<float>(i);
    for (float& f : tensor.flat<float>()) f = value += 0.37f;
    weights.emplace_back(absl::StrCat("layer", 100 + i, "/weights"), tensor);
  }
  return weights;
}

int64_t BytesOf(const std::vector<std::pair<std::string, Tensor>>& weights) {
  int64_t bytes = 0;
  for (const auto& [name, tensor] : weights) {
    bytes += static_cast<int64_t>(tensor.bytes());
  }
  return bytes;
}

void Write(FileSystem& files, const std::string& prefix,
           const std::vector<std::pair<std::string, Tensor>>& weights) {
  auto writer = TensorBundleWriter::Create(files, prefix);
  TRELLIS_CHECK(writer.ok()) << writer.status().ToString();
  for (const auto& [name, tensor] : weights) {
    const absl::Status added = (*writer)->Add(name, tensor);
    TRELLIS_CHECK(added.ok()) << added.ToString();
  }
  const absl::Status finished = (*writer)->Finish();
  TRELLIS_CHECK(finished.ok()) << finished.ToString();
}

void SaveTo(benchmark::State& state, FileSystem& files,
            const std::string& prefix) {
  const auto weights = Weights();
  for (auto _ : state) Write(files, prefix, weights);
  state.SetBytesProcessed(state.iterations() * BytesOf(weights));
}

void RestoreFrom(benchmark::State& state, FileSystem& files,
                 const std::string& prefix) {
  const auto weights = Weights();
  Write(files, prefix, weights);
  for (auto _ : state) {
    auto reader = OpenCheckpoint(files, prefix);
    TRELLIS_CHECK(reader.ok()) << reader.status().ToString();
    for (const auto& [name, tensor] : weights) {
      const absl::StatusOr<Tensor> read = (*reader)->Read(name);
      TRELLIS_CHECK(read.ok()) << read.status().ToString();
      benchmark::DoNotOptimize(read->data());
    }
  }
  state.SetBytesProcessed(state.iterations() * BytesOf(weights));
}

std::string TemporaryPrefix() {
  std::string folder = "/tmp/trellis_checkpoint_XXXXXX";
  TRELLIS_CHECK(mkdtemp(folder.data()) != nullptr);
  return folder + "/model.ckpt";
}

void BM_SaveToMemory(benchmark::State& state) {
  MemoryFileSystem files;
  SaveTo(state, files, "/model.ckpt");
}
BENCHMARK(BM_SaveToMemory);

void BM_SaveToDisk(benchmark::State& state) {
  SaveTo(state, PosixFileSystem::Get(), TemporaryPrefix());
}
BENCHMARK(BM_SaveToDisk)->UseRealTime();

void BM_RestoreFromMemory(benchmark::State& state) {
  MemoryFileSystem files;
  RestoreFrom(state, files, "/model.ckpt");
}
BENCHMARK(BM_RestoreFromMemory);

void BM_RestoreFromDisk(benchmark::State& state) {
  RestoreFrom(state, PosixFileSystem::Get(), TemporaryPrefix());
}
BENCHMARK(BM_RestoreFromDisk)->UseRealTime();

void BM_Crc32c(benchmark::State& state) {
  const std::string bytes(state.range(0), 'x');
  for (auto _ : state) benchmark::DoNotOptimize(Crc32c(bytes));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Crc32c)->Arg(64)->Arg(4096)->Arg(1 << 20);

}  // namespace
}  // namespace trellis
